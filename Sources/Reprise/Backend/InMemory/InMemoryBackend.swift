import Synchronization

/// A backend in the memory of one process: for unit tests, and to try things out.
///
/// It follows the same rules as the one on Redis, and the same suite of tests checks both. All is lost when the process
/// ends.
///
/// With a virtual clock a test moves the time itself, and years pass in milliseconds:
///
/// ```swift
/// let backend = InMemoryBackend(clock: .virtual(startingAt: Timestamp(milliseconds: 0)))
/// try await work(on: backend)
/// await backend.advance(by: .seconds(40 * 24 * 3600))
/// ```
public final class InMemoryBackend: Backend {
    /// What tells the time.
    public struct Clock: Sendable {
        enum Kind {
            case system
            case virtual(Timestamp)
        }

        let kind: Kind

        /// The computer's clock. Waiting workers are woken when a timer is due, to a few milliseconds.
        public static let system = Clock(kind: .system)

        /// A clock that stands still until ``InMemoryBackend/advance(by:)`` moves it.
        public static func virtual(startingAt start: Timestamp) -> Clock { Clock(kind: .virtual(start)) }
    }

    let core: Mutex<Core>

    /// Makes an empty backend.
    ///
    /// - Parameters:
    ///   - clock: what tells the time.
    ///   - retention: how long closed runs are kept.
    public init(clock: Clock = .system, retention: Retention = Retention()) {
        core = Mutex(Core(store: Store(retention: retention, deathLimit: Self.deathLimit), clock: clock))
    }

    deinit {
        let listeners = core.withLock { core in
            core.alarm?.task.cancel()
            return core.waits.listeners.values.flatMap(\.values)
        }
        for listener in listeners { listener.finish() }
    }

    /// The time by the backend's clock.
    public var now: Timestamp { core.withLock { $0.now() } }

    /// One transition under the lock; then the calls go on that were waiting for what it did.
    func transact<Answer: Sendable, Failure: Error>(
        _ body: (inout Store, Timestamp) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        let (result, resumptions) = core.withLock { core in
            let now = core.now()
            let result: Result<Answer, Failure>
            do throws(Failure) {
                result = .success(try body(&core.store, now))
            } catch {
                result = .failure(error)
            }
            core.store.wakeForMessages()
            let resumptions = core.collect()
            setAlarm(&core)
            return (result, resumptions)
        }
        for resumption in resumptions { resumption.resume() }
        return try result.get()
    }

    /// Sees to it that waiting workers are woken when something is due by the system clock.
    func setAlarm(_ core: inout Core) {
        guard !core.isVirtual, let due = core.nextRing() else { return }
        if let alarm = core.alarm, alarm.due <= due { return }
        core.alarm?.task.cancel()
        let delay = Duration.milliseconds(max(0, due.milliseconds - core.now().milliseconds))
        let task = Task { [weak self] in
            try? await Task.sleep(for: delay, tolerance: .zero)
            if !Task.isCancelled { self?.ring() }
        }
        core.alarm = Core.Alarm(due: due, task: task)
    }

    private func ring() {
        let resumptions = core.withLock { core in
            core.alarm = nil
            var resumptions = core.ring(at: core.now())
            resumptions += core.collect()
            setAlarm(&core)
            return resumptions
        }
        for resumption in resumptions { resumption.resume() }
    }

    /// Waits for a continuation that `add` puts among the waits, or gives an answer for at once.
    func wait<Answer: Sendable>(
        orCancelled cancelled: Answer,
        _ add: (inout Core, Int, CheckedContinuation<Answer, Never>) -> Answer?
    ) async -> Answer {
        let id = core.withLock { $0.waits.makeID() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, resumptions) = core.withLock { core -> (Answer?, [Resumption]) in
                    var answer = add(&core, id, continuation)
                    if answer == nil, Task.isCancelled {
                        _ = core.waits.cancel(id)
                        answer = cancelled
                    }
                    setAlarm(&core)
                    // A worker that begins to wait may be the last thing that was not quiet.
                    return (answer, core.collect())
                }
                if let answer { continuation.resume(returning: answer) }
                for resumption in resumptions { resumption.resume() }
            }
        } onCancel: {
            core.withLock { $0.waits.cancel(id) }?.resume()
        }
    }
}

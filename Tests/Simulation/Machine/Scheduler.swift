import Foundation

/// Runs all tasks of the process on one thread, in an order that a seed decides, on a clock that moves only when nothing
/// else can be done.
///
/// It takes the place of Swift's global executor, so that the worker, the client and the backend run as they are, without
/// a word of simulation in them. `Task.yield` and `Task.sleep` don't come this way: the simulation doesn't use them.
///
/// `@unchecked Sendable`: the one thread that runs jobs is the one that calls ``run(until:)``, which ``enqueue(_:)``
/// checks.
final class Scheduler: @unchecked Sendable {
    private struct Sleeper {
        var id: Int
        var end: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private var chance: Chance
    private var jobs: [UnownedJob] = []
    /// The next to wake is last.
    private var sleepers: [Sleeper] = []
    private var lastSleeper = 0
    /// The time since the beginning.
    private(set) var now = Duration.zero
    /// How many jobs have run.
    private(set) var steps = 0
    /// Called when the time has moved.
    var onTick: () -> Void = {}

    private nonisolated(unsafe) static var current: Scheduler?

    init(_ chance: Chance) { self.chance = chance }

    // MARK: Jobs

    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// Takes over the global executor, from the scheduler that had it before.
    func install() {
        Scheduler.current = self
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "swift_task_enqueueGlobal_hook") else {
            preconditionFailure("this Swift runtime has no hook for the global executor")
        }
        symbol.assumingMemoryBound(to: Hook?.self).pointee = { job, _ in Scheduler.current?.enqueue(job) }
    }

    private func enqueue(_ job: UnownedJob) {
        precondition(Thread.isMainThread, "something in the simulation uses another thread")
        jobs.append(job)
    }

    /// Runs until a condition holds.
    ///
    /// - Returns: whether it does; not if nothing can go on, or after so many steps.
    func run(atMost limit: Int, until condition: () -> Bool) -> Bool {
        let generic = unsafeBitCast((UInt(0), UInt(0)), to: UnownedSerialExecutor.self)
        while !condition() {
            guard steps < limit else { return false }
            if jobs.isEmpty {
                guard let sleeper = sleepers.popLast() else { return false }
                if sleeper.end > now {
                    now = sleeper.end
                    onTick()
                }
                sleeper.continuation.resume()
            } else {
                steps += 1
                let index = chance.below(jobs.count)
                jobs.swapAt(index, jobs.count - 1)
                jobs.removeLast().runSynchronously(on: generic)
            }
        }
        return true
    }

    // MARK: Time

    /// Sleeps until a time. Throws if the task is cancelled.
    func sleep(until end: Duration) async throws {
        let id = newSleeper()
        try await withTaskCancellationHandler {
            try await wait(until: end, id, isCancellable: true)
        } onCancel: {
            guard let index = sleepers.firstIndex(where: { $0.id == id }) else { return }
            sleepers.remove(at: index).continuation.resume(throwing: CancellationError())
        }
    }

    /// Sleeps until a time, also if the task is cancelled.
    func pause(until end: Duration) async { try? await wait(until: end, newSleeper(), isCancellable: false) }

    private func newSleeper() -> Int {
        lastSleeper += 1
        return lastSleeper
    }

    private func wait(until end: Duration, _ id: Int, isCancellable: Bool) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            if isCancellable, Task.isCancelled { return continuation.resume(throwing: CancellationError()) }
            // Of those that wake at the same time, the first goes first.
            let index = sleepers.firstIndex { $0.end <= end } ?? sleepers.count
            sleepers.insert(Sleeper(id: id, end: end, continuation: continuation), at: index)
        }
    }
}

import RedisClient
import Reprise
import Synchronization

/// Hears of the runs that somebody here waits for: one subscription for a backend, made at the first wait.
///
/// Published messages can be lost, so each wait subscribes first, then reads, and reads again after each reconnection.
final class ReplyChannel: Sendable {
    /// One wait for one run.
    struct Interest: Sendable {
        let id: Int
        let run: RunID
        /// Why to look again; it ends when the backend is shut down. Only the newest is kept.
        let notices: AsyncStream<Notice>
        /// Whether the run was started from here, and tells of its end without being asked.
        let isExpected: Bool
    }

    /// Why to look again.
    enum Notice: Sendable {
        /// Something changed, or messages may have been lost.
        case look
        /// The run is closed; the message may bring its description.
        case closed([UInt8])
    }

    private struct State {
        var reader: Task<Void, Never>?
        var isSubscribed = false
        /// How often messages may have been lost: then another subscription begins.
        var subscriptions = 0
        var isClosed = false
        var failure: BackendError?
        var lastID = 0
        var interests: [RunID: [Int: AsyncStream<Notice>.Continuation]] = [:]
        /// Waits that begin as soon as the subscription stands.
        var starting: [Int: AsyncStream<Void>.Continuation] = [:]
        var expected = ExpectedRuns()
    }

    /// The channel's name without the prefix: what a run's list of waiters holds.
    let name: String
    private let channel: String
    private let client: RedisClient
    private let errors: ErrorMapping
    private let state = Mutex(State())

    init(client: RedisClient, keys: Keys, errors: ErrorMapping) {
        name = String(UInt64.random(in: .min ... .max), radix: 36)
        channel = keys.replies(name)
        self.client = client
        self.errors = errors
    }

    /// A start begins: answers which subscription the run may tell of its end, by ``name``, if there is one.
    /// ``endStart()`` must follow.
    func beginStart() -> Int? {
        state.withLock { state in
            state.expected.starts += 1
            return state.isSubscribed ? state.subscriptions : nil
        }
    }

    func endStart() { state.withLock { $0.expected.endStart() } }

    /// A run was started that tells a subscription of its end.
    func expect(_ run: RunID, by subscription: Int) {
        state.withLock { state in
            // Else it may have told it while nobody listened.
            guard state.isSubscribed, state.subscriptions == subscription else { return }
            state.expected.insert(run)
        }
    }

    /// Begins to listen to a run; returns when the subscription stands.
    func listen(to run: RunID) async throws(BackendError) -> Interest {
        let (notices, continuation) = AsyncStream.makeStream(of: Notice.self, bufferingPolicy: .bufferingNewest(1))
        let (ready, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (id, isExpected) = state.withLock { state in
            state.lastID += 1
            if state.isClosed {
                continuation.finish()
                signal.finish()
                return (state.lastID, false)
            }
            state.interests[run, default: [:]][state.lastID] = continuation
            if state.isSubscribed {
                signal.yield()
            } else {
                state.starting[state.lastID] = signal
            }
            if state.reader == nil {
                state.failure = nil
                state.reader = Task { await self.read() }
            }
            guard let message = state.expected.remove(run) else { return (state.lastID, false) }
            if !message.isEmpty { continuation.yield(.closed(message)) }
            return (state.lastID, true)
        }
        let interest = Interest(id: id, run: run, notices: notices, isExpected: isExpected)
        var iterator = ready.makeAsyncIterator()
        if await iterator.next(isolation: nil) != nil { return interest }
        remove(interest)
        throw failure
    }

    /// Why a wait ended without an answer.
    var failure: BackendError {
        if Task.isCancelled { return BackendError(.cancelled, "the task was cancelled") }
        return state.withLock { $0.failure } ?? BackendError(.cancelled, "the backend was shut down")
    }

    /// Ends a wait. If nobody here waits for the run any more, answers the number of the last wait so far: all waits for
    /// the run up to this one are over.
    @discardableResult
    func remove(_ interest: Interest) -> Int? {
        state.withLock { state in
            state.starting[interest.id] = nil
            state.interests[interest.run]?[interest.id] = nil
            guard state.interests[interest.run]?.isEmpty ?? true else { return nil }
            state.interests[interest.run] = nil
            return state.lastID
        }
    }

    /// Ends all waits.
    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            defer { state.reader = nil }
            return state.reader
        }
        reader?.cancel()
        end(failure: nil)
    }

    private func read() async {
        do throws(RedisError) {
            var events = client.subscribe(to: channel).makeAsyncIterator()
            while let event = try await events.next(isolation: nil) {
                switch event {
                case .subscribed: subscribed()
                case .message(let message): received(message)
                case .dropped: lookAgain()
                }
            }
            end(failure: nil)
        } catch {
            end(failure: errors.mapped(error))
        }
    }

    private func subscribed() {
        let starting = state.withLock { state in
            state.isSubscribed = true
            defer { state.starting = [:] }
            return state.starting.values
        }
        for signal in starting { signal.yield() }
        lookAgain()
    }

    private func received(_ message: [UInt8]) {
        var reader = PackedReader(message)
        guard let text = try? reader.readString(), let run = RunID(text) else { return lookAgain() }
        let waiting = state.withLock { state in
            guard let interests = state.interests[run] else {
                state.expected.note(message, of: run)
                return [AsyncStream<Notice>.Continuation]()
            }
            return Array(interests.values)
        }
        for continuation in waiting { continuation.yield(reader.isAtEnd ? .look : .closed(message)) }
    }

    private func lookAgain() {
        let all = state.withLock { state in
            state.subscriptions += 1
            state.expected.removeAll()
            return state.interests.values.flatMap { $0.values }
        }
        for continuation in all { continuation.yield(.look) }
    }

    /// The subscription is over: the waits fail, and the next one subscribes again.
    private func end(failure: BackendError?) {
        let (starting, waiting) = state.withLock { state in
            state.failure = failure
            state.isSubscribed = false
            state.reader = nil
            state.expected.removeAll()
            defer {
                state.starting = [:]
                state.interests = [:]
            }
            return (state.starting.values, state.interests.values.flatMap { $0.values })
        }
        for signal in starting { signal.finish() }
        for continuation in waiting { continuation.finish() }
    }
}

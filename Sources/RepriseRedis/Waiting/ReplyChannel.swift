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
        var isClosed = false
        var failure: BackendError?
        var lastID = 0
        var interests: [RunID: [Int: AsyncStream<Notice>.Continuation]] = [:]
        /// Waits that begin as soon as the subscription stands.
        var starting: [Int: AsyncStream<Void>.Continuation] = [:]
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

    /// Begins to listen to a run; returns when the subscription stands.
    func listen(to run: RunID) async throws(BackendError) -> Interest {
        let (notices, continuation) = AsyncStream.makeStream(of: Notice.self, bufferingPolicy: .bufferingNewest(1))
        let (ready, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.lastID += 1
            if state.isClosed {
                continuation.finish()
                signal.finish()
                return state.lastID
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
            return state.lastID
        }
        let interest = Interest(id: id, run: run, notices: notices)
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
        let waiting = state.withLock { state in state.interests[run].map { Array($0.values) } ?? [] }
        for continuation in waiting { continuation.yield(reader.isAtEnd ? .look : .closed(message)) }
    }

    private func lookAgain() {
        let all = state.withLock { state in state.interests.values.flatMap { $0.values } }
        for continuation in all { continuation.yield(.look) }
    }

    /// The subscription is over: the waits fail, and the next one subscribes again.
    private func end(failure: BackendError?) {
        let (starting, waiting) = state.withLock { state in
            state.failure = failure
            state.isSubscribed = false
            state.reader = nil
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

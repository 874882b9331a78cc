import NIOCore
import RedisClient
import Reprise
import Synchronization

/// The one blocking wait of a worker: a `BLPOP` on its inbox, on a connection of its own.
///
/// The `BLPOP` goes on when a wait ends before it, because something is due, the task was cancelled, or it has lasted for long
/// enough; the next wait joins it. So most waits cost no command. What it pops while nobody waits ends the next wait at once.
final class Inbox: Sendable {
    private struct State {
        /// Whether a `BLPOP` is on its way.
        var isListening = false
        /// Whether a token came that no wait has seen.
        var hasToken = false
        var isClosed = false
        var lastID = 0
        var waits: [Int: Wait] = [:]

        /// Ends a wait; answers what is to be resumed then.
        mutating func end(_ id: Int, _ ending: Ending) -> CheckedContinuation<Ending, Never>? {
            switch waits[id] {
            case nil, .over:
                return nil
            case .beginning:
                waits[id] = .over(ending)
                return nil
            case .waiting(let continuation):
                waits[id] = .over(ending)
                return continuation
            }
        }

        mutating func endAll(_ ending: Ending) -> [CheckedContinuation<Ending, Never>] {
            Array(waits.keys).compactMap { end($0, ending) }
        }
    }

    /// Where a wait is.
    private enum Wait {
        case beginning
        case waiting(CheckedContinuation<Ending, Never>)
        case over(Ending)
    }

    /// How a wait ends.
    private enum Ending {
        /// A token, something due, or enough of waiting.
        case claim
        case cancelled
        case failed(BackendError)
    }

    private let key: String
    private let connection: RedisDedicatedConnection
    private let eventLoop: any EventLoop
    private let errors: ErrorMapping
    private let clock: ServerClock
    private let state = Mutex(State())

    init(
        key: String, connection: RedisDedicatedConnection, eventLoop: any EventLoop, errors: ErrorMapping,
        clock: ServerClock
    ) {
        self.key = key
        self.connection = connection
        self.eventLoop = eventLoop
        self.errors = errors
        self.clock = clock
    }

    /// Waits for a token, until a time of the server's clock, or for five to six seconds.
    func wait(until due: Timestamp?) async throws(BackendError) {
        // The timer is on this side: Redis' own timeouts are up to 100 ms late.
        let delay = due.map { clock.delay(until: $0) }
        if let delay, delay <= .zero { return }
        let (id, begins, isOver) = state.withLock { state -> (Int, Bool, Bool) in
            state.lastID += 1
            if state.hasToken || state.isClosed {
                state.hasToken = false
                return (state.lastID, false, true)
            }
            let begins = !state.isListening
            state.isListening = true
            state.waits[state.lastID] = .beginning
            return (state.lastID, begins, false)
        }
        if isOver { return }
        if begins { listen() }
        // Idle workers that were woken together don't all claim at the same moment later on.
        let longest = Limits.wait + Limits.waitJitter * Double.random(in: 0...1)
        let timer = eventLoop.scheduleTask(in: TimeAmount(min(delay ?? longest, longest))) { self.end(id, .claim) }
        let ending = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ending = state.withLock { state -> Ending? in
                    if case .over(let ending) = state.waits[id] { return ending }
                    state.waits[id] = .waiting(continuation)
                    return nil
                }
                if let ending { continuation.resume(returning: ending) }
            }
        } onCancel: {
            end(id, .cancelled)
        }
        timer.cancel()
        state.withLock { $0.waits[id] = nil }
        switch ending {
        case .claim: return
        case .cancelled: throw BackendError(.cancelled, "the task was cancelled")
        case .failed(let error): throw error
        }
    }

    func close() async {
        let ended = state.withLock { state in
            state.isClosed = true
            return state.endAll(.claim)
        }
        for continuation in ended { continuation.resume(returning: .claim) }
        await connection.close()
    }

    private func listen() {
        let began = NIODeadline.now()
        let seconds = Limits.block / .seconds(1)
        connection.send(["BLPOP", key, seconds], timeout: Limits.block + .seconds(5)) { outcome in
            switch outcome {
            case .success(let reply) where reply.isNull: self.goOn()
            case .success: self.finish(.claim, hasToken: true)
            case .failure(let error):
                // Something on the way may end connections on which nothing is sent. If the server is away, the claim says so.
                let isOld = NIODeadline.now() - began >= TimeAmount(Limits.wait)
                let isLost = error.code == .connectionLost || error.code == .timedOut
                self.finish(isOld && isLost ? .claim : .failed(self.errors.mapped(error)), hasToken: false)
            }
        }
    }

    /// The `BLPOP` is over, and no token came: another one follows if somebody waits.
    private func goOn() {
        let isWaitedFor = state.withLock { state in
            state.isListening = !state.isClosed && !state.waits.isEmpty
            return state.isListening
        }
        if isWaitedFor { listen() }
    }

    /// The `BLPOP` is over: so are all waits. One that was cancelled before tells nobody of the token.
    private func finish(_ ending: Ending, hasToken: Bool) {
        let ended = state.withLock { state in
            let isHeard = state.waits.values.contains { wait in
                if case .over(.cancelled) = wait { false } else { true }
            }
            state.isListening = false
            state.hasToken = hasToken && !isHeard
            return state.endAll(ending)
        }
        for continuation in ended { continuation.resume(returning: ending) }
    }

    private func end(_ id: Int, _ ending: Ending) {
        state.withLock { $0.end(id, ending) }?.resume(returning: ending)
    }
}

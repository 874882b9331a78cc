import NIOCore

/// When to connect, without I/O. Nothing is opened before somebody wants it, and no attempt is made for nobody.
struct ReconnectStateMachine {
    private enum State {
        case idle
        case connecting
        case ready
        case pausing
        case stopped
    }

    enum Action: Equatable {
        case none
        case connect
        case pause(Duration)
    }

    /// How a connection, or the attempt to make one, came to its end.
    enum End: Equatable {
        /// It never became ready, or ended so soon after that it must not be tried again at once.
        case failed
        /// It had worked.
        case lost
        /// Settings are wrong: another attempt would fail in the same way.
        case refused
        /// This side closed it.
        case closedHere

        /// - Parameter lifetime: for how long the connection had been ready; `nil` if it never was.
        init(_ error: RedisError, lifetime: TimeAmount?, closedHere: Bool) {
            if closedHere {
                self = .closedHere
            } else if let lifetime {
                // A server, or a proxy, that accepts and closes must not be met with a new connection each time.
                self = lifetime < .seconds(1) ? .failed : .lost
            } else {
                self = error.category == .configuration ? .refused : .failed
            }
        }
    }

    private let backoff: ReconnectBackoff
    private var state = State.idle
    private var failures = 0

    init(backoff: ReconnectBackoff) {
        self.backoff = backoff
    }

    var isStopped: Bool { state == .stopped }

    /// Somebody needs a connection and there is none that is ready.
    mutating func wanted() -> Action {
        guard state == .idle else { return .none }
        state = .connecting
        return .connect
    }

    mutating func becameReady() {
        guard state == .connecting else { return }
        state = .ready
    }

    /// - Parameter random: between 0 and 1, for the jitter.
    mutating func ended(_ end: End, isWanted: Bool, random: Double) -> Action {
        guard state == .connecting || state == .ready else { return .none }
        switch end {
        case .failed:
            failures += 1
            state = .pausing
            return .pause(backoff.delay(afterFailures: failures, random: random))
        case .lost, .closedHere, .refused:
            failures = 0
            state = .idle
            return isWanted ? wanted() : .none
        }
    }

    mutating func pauseElapsed(isWanted: Bool) -> Action {
        guard state == .pausing else { return .none }
        state = .idle
        return isWanted ? wanted() : .none
    }

    mutating func stop() {
        state = .stopped
    }
}

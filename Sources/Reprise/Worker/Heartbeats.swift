import Synchronization

/// Tells the store that an attempt is alive: the first time at once, then no more often than needed, and always the newest
/// details in the end.
final class Heartbeats: Sendable {
    /// Makes the call to the store; `false` if it failed.
    typealias Call = @Sendable (_ details: [UInt8]?) async -> Bool

    private struct Beat { var details: [UInt8]? }

    private struct State {
        var details: [UInt8]?
        var unsent: Beat?
        var sending: Task<Void, Never>?
        var isOver = false
        var lastHeard: Duration
    }

    private let state: Mutex<State>
    private let interval: Duration
    private let call: Call
    private let runtime: WorkerRuntime

    /// - Parameters:
    ///   - details: what the last heartbeat of an earlier attempt had.
    ///   - timeout: how long the attempt may go without a heartbeat.
    init(
        details: [UInt8]?, timeout: Duration?, runtime: WorkerRuntime = .machine, call: @escaping Call
    ) {
        state = Mutex(State(details: details, lastHeard: runtime.now()))
        // Two may get lost before the store takes the attempt for dead.
        interval = min(timeout.map { $0 / 3 } ?? .seconds(1), .seconds(5))
        self.call = call
        self.runtime = runtime
    }

    /// The newest details.
    var details: [UInt8]? { state.withLock { $0.details } }

    /// When the store was last told, or the attempt began, by the worker's clock.
    var lastHeard: Duration { state.withLock { $0.lastHeard } }

    func beat(_ details: [UInt8]?) {
        state.withLock { state in
            guard !state.isOver else { return }
            state.details = details ?? state.details
            state.unsent = Beat(details: details ?? state.unsent?.details)
            if state.sending == nil { state.sending = Task { await self.send() } }
        }
    }

    /// Ends it: nobody needs the details any more.
    func cancel() { _ = stop() }

    /// Ends it, and sends what is left: the next attempt wants the newest details.
    func finish() async {
        await stop()?.value
        let beat = state.withLock { state in
            defer { state.unsent = nil }
            return state.unsent
        }
        if let beat { _ = await call(beat.details) }
    }

    private func stop() -> Task<Void, Never>? {
        let sending = state.withLock { state in
            state.isOver = true
            return state.sending
        }
        sending?.cancel()
        return sending
    }

    private func send() async {
        while let beat = next() {
            let isHeard = await call(beat.details)
            state.withLock { state in
                if isHeard {
                    state.lastHeard = runtime.now()
                } else {
                    // What came meanwhile is newer.
                    state.unsent = Beat(details: state.unsent?.details ?? beat.details)
                }
            }
            try? await runtime.sleep(for: interval)
        }
    }

    private func next() -> Beat? {
        state.withLock { state in
            let beat = state.isOver ? nil : state.unsent
            if beat == nil { state.sending = nil } else { state.unsent = nil }
            return beat
        }
    }
}

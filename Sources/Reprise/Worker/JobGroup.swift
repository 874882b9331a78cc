import Synchronization

/// Jobs of ``TurnThreads`` that were handed in together, and who hears that they are over.
final class JobGroup: Sendable {
    /// A job that takes longer than this is worth the waking of another thread for the next.
    static let brief = Duration.microseconds(200)
    /// For so long a job that is over may wait for the others.
    private static let patience = Duration.milliseconds(1)

    typealias Report = @Sendable () -> Void

    private struct State {
        var left: Int
        var finished: [Int] = []
        var reported = ContinuousClock.now
    }

    let body: @Sendable (_ index: Int) -> Void
    private let finished: (@Sendable (_ indices: [Int]) -> Void)?
    private let state: Mutex<State>

    init(
        count: Int, _ body: @escaping @Sendable (_ index: Int) -> Void,
        finished: (@Sendable (_ indices: [Int]) -> Void)? = nil
    ) {
        self.body = body
        self.finished = finished
        state = Mutex(State(left: count))
    }

    /// Notes that a job is over.
    ///
    /// - Parameter mayWait: whether its thread goes on with others, and can tell later.
    /// - Returns: tells of all that are over and were not told of; `nil` if there is time.
    func finish(_ index: Int, mayWait: Bool, at now: ContinuousClock.Instant) -> Report? {
        state.withLock { state in
            state.left -= 1
            state.finished.append(index)
            let hasTime = mayWait && state.left > 0 && now - state.reported <= JobGroup.patience
            return hasTime ? nil : report(&state, at: now)
        }
    }

    /// Tells of what is over; `nil` if nothing is that was not told of.
    func report(at now: ContinuousClock.Instant) -> Report? { state.withLock { report(&$0, at: now) } }

    private func report(_ state: inout State, at now: ContinuousClock.Instant) -> Report? {
        guard let finished, !state.finished.isEmpty else { return nil }
        let indices = state.finished
        state.finished = []
        state.reported = now
        return { finished(indices) }
    }
}

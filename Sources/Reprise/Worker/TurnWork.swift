/// A turn that a worker takes.
struct TurnWork: Sendable {
    let task: WorkflowTask
    let engine: ReplayEngine
    /// What the engine is to step, or to replay.
    var entries: [HistoryEntry]
    /// The last arrival that a commit has covered.
    var committedThrough: Int
    /// How often the store refused to close the run.
    var refusals = 0

    /// The same turn, which goes on with arrivals that it had not seen.
    func refused(_ unseen: [HistoryEntry]) -> TurnWork {
        var turn = self
        turn.entries = unseen
        turn.committedThrough = 0
        turn.refusals += 1
        return turn
    }
}

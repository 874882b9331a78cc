/// A turn that a worker takes with results which no history has yet.
struct ForeseenWork: Sendable {
    let engine: ReplayEngine
    let claim: WorkflowClaim
    /// The nonce of the commit that the engine was at.
    let lastCommit: String
    /// The time that the entries of the results are to have.
    let time: Timestamp
    let completions: [ActivityCompletion]
    /// When it was begun.
    let start: Duration
    /// Whether its step is over, and it is being recorded.
    var isStepped = false
    /// Results of the run that came meanwhile.
    var later: [ActivityCompletion] = []

    /// The entries that the results will have if nothing comes between.
    func entries() -> [HistoryEntry] {
        let last = engine.historySize.count
        return completions.enumerated().map { index, completion in
            HistoryEntry(
                number: last + 1 + index, kind: .activityCompleted, time: time, reference: completion.claim.operation,
                payload: completion.output ?? [])
        }
    }
}

/// A turn that a worker took with results of activities before any history had them: it stepped a run in its memory with the entries
/// that are to come.
///
/// So a step of a workflow costs one call: results and turn are recorded together, if all is as the worker foresaw.
public struct ForeseenTurn: Hashable, Sendable {
    /// The attempts of which it stepped the results, in order: of one run, and all completed.
    public var completions: [ActivityCompletion]
    /// The time that their entries are to have, by the backend's clock.
    public var time: Timestamp
    /// The nonce of the commit after which the run was left as it was stepped from.
    public var lastCommit: String
    /// What was decided, through the last of the entries. Its claim was given out by nobody: the nonce is as unique as a claim's,
    /// the epoch is 0.
    public var commit: Commit

    /// Makes a turn.
    public init(completions: [ActivityCompletion], time: Timestamp, lastCommit: String, commit: Commit) {
        self.completions = completions
        self.time = time
        self.lastCommit = lastCommit
        self.commit = commit
    }
}

extension ForeseenTurn {
    /// What is wrong with it, whatever the run is like; `nil` if nothing is.
    package var fault: String? {
        let run = commit.claim.run
        if completions.isEmpty { return "it has no results" }
        if completions.contains(where: { $0.claim.run != run }) { return "its results are not all of run \(run)" }
        if Set(completions.map(\.claim.operation)).count < completions.count {
            return "it has two results of one operation"
        }
        if completions.contains(where: { $0.output == nil }) { return "an attempt of it hasn't completed" }
        if commit.closing == .continuedAsNew { return "it continues as new" }
        if commit.claim.nonce.isEmpty || lastCommit.isEmpty { return "a nonce is empty" }
        return commit.fault
    }
}

extension ActivityCompletion {
    /// What the attempt returned; `nil` if it ended otherwise.
    package var output: [UInt8]? {
        if case .completed(let output) = result { output } else { nil }
    }
}

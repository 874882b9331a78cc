/// What a worker has done and hands in together. See ``Backend/record(_:claiming:)``.
public struct WorkerReport: Hashable, Sendable {
    /// The turns that it took, each of another run.
    public var commits: [Commit]
    /// How attempts ended that it ran.
    public var completions: [ActivityCompletion]

    /// Makes a report.
    public init(commits: [Commit] = [], completions: [ActivityCompletion] = []) {
        self.commits = commits
        self.completions = completions
    }
}

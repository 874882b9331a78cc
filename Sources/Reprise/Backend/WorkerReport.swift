/// What a worker has done and hands in together. See ``Backend/record(_:claiming:)``.
public struct WorkerReport: Hashable, Sendable {
    /// The turns that it took, each of another run.
    public var commits: [Commit]
    /// The turns that it took with results which come with them, each of another run.
    public var foreseen: [ForeseenTurn]
    /// How other attempts ended that it ran.
    public var completions: [ActivityCompletion]

    /// Makes a report.
    public init(commits: [Commit] = [], foreseen: [ForeseenTurn] = [], completions: [ActivityCompletion] = []) {
        self.commits = commits
        self.foreseen = foreseen
        self.completions = completions
    }

    /// How many calls it takes, one by one.
    var count: Int { commits.count + foreseen.count + completions.count }
    /// How many attempts it is about.
    var resultCount: Int { foreseen.reduce(completions.count) { $0 + $1.completions.count } }
}

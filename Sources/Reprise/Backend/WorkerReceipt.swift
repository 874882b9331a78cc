/// What a store says of a ``WorkerReport``.
public struct WorkerReceipt: Sendable {
    /// For each of the commits its answer, or why there is none.
    public var commits: [Result<CommitAnswer, BackendError>] = []
    /// For each of the foreseen turns whether it is recorded, or why there is no answer.
    public var foreseen: [Result<Bool, BackendError>] = []
    /// For each of the completions its answer, or why there is none.
    public var completions: [Result<ActivityCompletion.Answer, BackendError>] = []
    /// The work that was taken; `nil` if none was asked for, the worker isn't registered, or that failed.
    public var work: ClaimedWork?

    /// Makes a receipt of nothing.
    public init() {}
}

/// What a workflow knows of its run.
public struct WorkflowInfo: Hashable, Sendable {
    /// The id given at start.
    public let workflowID: String
    /// The run number.
    public let runNumber: Int
    /// The registered name of the workflow type.
    public let type: String
    /// The version given at start; empty if none.
    public let version: String
    /// The queue of its workflow tasks.
    public let queue: String
    /// Whether the code being executed repeats recorded history. Don't decide by it: replay would diverge.
    public internal(set) var isReplaying: Bool

    /// The run.
    public var run: RunID { RunID(workflowID: workflowID, number: runNumber) }
}

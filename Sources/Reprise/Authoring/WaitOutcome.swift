/// How ``WorkflowContext/wait(deadline:until:fileID:line:)`` ended.
public enum WaitOutcome: Hashable, Sendable {
    /// The condition holds.
    case satisfied
    /// The deadline came first.
    case deadlineReached
}

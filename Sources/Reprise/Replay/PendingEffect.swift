/// How a decided command is to be carried out: the part of it that is not history.
struct PendingEffect {
    /// The command's place in the run's sequence.
    var operation: Int
    var kind: Kind

    enum Kind {
        case activity(queue: String?, timeouts: ActivityTimeouts, retry: RetryPolicy)
        /// The last `recordSize` bytes of the command's payload are the child's ``StartRecord``.
        case child(workflowID: String, options: ChildOptions, recordSize: Int)
    }
}

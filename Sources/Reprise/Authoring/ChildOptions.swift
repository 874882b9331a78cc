/// How a child workflow is started.
public struct ChildOptions: Hashable, Sendable {
    /// The queue for its workflow tasks; `nil` is the parent's.
    public var queue: String?
    /// A word of yours that the child can read. Default: empty.
    public var version: String
    /// What becomes of it when the parent closes first. Default: it is terminated.
    public var parentClosePolicy: ParentClosePolicy

    /// Makes options.
    public init(queue: String? = nil, version: String = "", parentClosePolicy: ParentClosePolicy = .terminate) {
        self.queue = queue
        self.version = version
        self.parentClosePolicy = parentClosePolicy
    }
}

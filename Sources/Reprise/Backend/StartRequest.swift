/// A request to start a run.
public struct StartRequest: Hashable, Sendable {
    /// Chosen by the caller, unique per start. The same request sent again gets the same run, also after it closed.
    public var requestID: String
    /// The workflow id, 1 to 255 bytes.
    public var workflowID: String
    /// The queue for its workflow tasks.
    public var queue: String
    /// Type, version and input.
    public var record: StartRecord
    /// When to start it by the backend's clock; `nil` or a past time means now.
    public var startAt: Timestamp?

    /// Makes a request.
    public init(
        requestID: String, workflowID: String, queue: String, record: StartRecord, startAt: Timestamp? = nil
    ) {
        self.requestID = requestID
        self.workflowID = workflowID
        self.queue = queue
        self.record = record
        self.startAt = startAt
    }
}

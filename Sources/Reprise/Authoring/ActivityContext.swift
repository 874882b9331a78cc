public import Logging

/// What an activity knows of itself while it runs.
public struct ActivityContext: Sendable {
    /// The activity's name.
    public let activity: String
    /// The run that scheduled it.
    public let run: RunID
    /// The id of the workflow that scheduled it.
    public var workflowID: String { run.workflowID }
    /// Counted from 1; rises when an attempt throws or times out. The retry policy counts these.
    public let attempt: Int
    /// How often the activity has been handed to a worker, this time included: also after a worker's death or a
    /// shutdown, which the retry policy doesn't count.
    public let deliveries: Int
    /// The same for every attempt and delivery of this call, and for no other call. Give it to the service that must not
    /// do the thing twice.
    public let idempotencyKey: String
    /// The queue that it came from.
    public let queue: String
    /// A logger that names the activity, the run and the attempt.
    public let logger: Logger
}

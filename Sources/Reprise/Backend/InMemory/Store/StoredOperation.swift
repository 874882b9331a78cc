/// Something a run has asked for and not yet got. It has exactly one source that resolves it.
struct StoredOperation {
    /// Where its resolution comes from.
    enum Source {
        /// A timer in the schedule.
        case timer(due: Timestamp, ticket: Int)
        /// A child, or a message that starts it or tells of its end.
        case child(workflowID: String, ParentClosePolicy)
        /// An activity in its queue, ready or parked.
        case queued(ticket: Int)
        /// An activity that a worker runs.
        case leased(Lease)
        /// An activity whose next attempt is due later.
        case delayed(due: Timestamp, ticket: Int)
        /// An activity that needs a person or a new build.
        case blocked(build: String)
    }

    var source: Source
    /// What an activity needs; `nil` for anything else.
    var activity: StoredActivity?
}

/// An activity that is not resolved.
struct StoredActivity {
    let name: String
    let queue: String
    let input: [UInt8]
    let timeouts: ActivityTimeouts
    let retry: RetryPolicy
    /// How many attempts threw or timed out.
    var failedAttempts = 0
    var deliveries = 0
    var deaths = 0
    /// The nonce of the last claim, also after it ended.
    var nonce = ""

    init(_ scheduled: ScheduledActivity, input: [UInt8]) {
        name = scheduled.name
        queue = scheduled.queue
        self.input = input
        timeouts = scheduled.timeouts
        retry = scheduled.retry
    }
}

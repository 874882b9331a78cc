/// Something a run has asked for and not yet got. It has exactly one source that resolves it.
struct StoredOperation {
    /// Where its resolution comes from.
    enum Source {
        /// A timer in the schedule.
        case timer(due: Timestamp, ticket: Int)
        /// A child, or a message that starts it or tells of its end.
        case child(workflowID: String, ParentClosePolicy)
        /// An activity in its queue, ready or parked; and when it times out there.
        case queued(ticket: Int, timeout: (due: Timestamp, ticket: Int)?)
        /// An activity that a worker runs.
        case leased(Lease)
        /// An activity whose next attempt is due later.
        case delayed(due: Timestamp, ticket: Int)
        /// An activity whose attempt goes on elsewhere.
        case pending(AttemptDeadline, ticket: Int)
        /// An activity that needs a person or a new build.
        case blocked
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
    /// When schedule-to-close passes.
    let closeDeadline: Timestamp?
    /// How many attempts threw or timed out.
    var failedAttempts = 0
    var deliveries = 0
    var deaths = 0
    /// The nonce of the last claim, also after it ended.
    var nonce = ""
    /// What the last attempt ended with that is followed by another; without the number of attempts.
    var lastFailure: FailureRecord?
    /// What the last heartbeat brought that brought something.
    var heartbeatDetails: [UInt8]?

    init(_ scheduled: ScheduledActivity, input: [UInt8], now: Timestamp) {
        name = scheduled.name
        queue = scheduled.queue
        self.input = input
        timeouts = scheduled.timeouts
        retry = scheduled.retry
        closeDeadline = scheduled.timeouts.scheduleToClose.map { now.advanced(by: $0) }
    }

    /// When it times out in its queue, if it is queued now.
    func queueDeadline(at now: Timestamp) -> Timestamp? {
        let start = timeouts.scheduleToStart.map { now.advanced(by: $0) }
        return [start, closeDeadline].compactMap(\.self).min()
    }

    /// When an attempt times out that begins now.
    func attemptDeadline(at now: Timestamp) -> AttemptDeadline {
        let end = now.advanced(by: timeouts.startToClose)
        return AttemptDeadline(
            end: min(end, closeDeadline ?? end), heartbeat: timeouts.heartbeat.map { now.advanced(by: $0) })
    }
}

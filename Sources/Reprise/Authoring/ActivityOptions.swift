/// Changes of an activity's contract for one call.
public struct ActivityOptions: Hashable, Sendable {
    /// The retry policy; `nil` keeps the activity's.
    public var retry: RetryPolicy?
    /// The start-to-close timeout; `nil` keeps the activity's, as for the others.
    public var timeout: Duration?
    /// The schedule-to-start timeout.
    public var scheduleToStart: Duration?
    /// The schedule-to-close timeout.
    public var scheduleToClose: Duration?
    /// The heartbeat timeout.
    public var heartbeat: Duration?
    /// The queue; `nil` is the run's own.
    public var queue: String?

    /// Makes options; what is left out stays as the activity says.
    public init(
        retry: RetryPolicy? = nil, timeout: Duration? = nil, scheduleToStart: Duration? = nil,
        scheduleToClose: Duration? = nil, heartbeat: Duration? = nil, queue: String? = nil
    ) {
        self.retry = retry
        self.timeout = timeout
        self.scheduleToStart = scheduleToStart
        self.scheduleToClose = scheduleToClose
        self.heartbeat = heartbeat
        self.queue = queue
    }

    /// The activity's timeouts with these changes.
    func timeouts(for timeouts: ActivityTimeouts) -> ActivityTimeouts {
        ActivityTimeouts(
            startToClose: timeout ?? timeouts.startToClose,
            scheduleToStart: scheduleToStart ?? timeouts.scheduleToStart,
            scheduleToClose: scheduleToClose ?? timeouts.scheduleToClose, heartbeat: heartbeat ?? timeouts.heartbeat)
    }
}

/// Changes of an activity's contract for one call.
public struct ActivityOptions: Hashable, Sendable {
    /// The retry policy; `nil` keeps the activity's.
    public var retry: RetryPolicy?
    /// The start-to-close timeout; `nil` keeps the activity's.
    public var timeout: Duration?
    /// The queue; `nil` is the run's own.
    public var queue: String?

    /// Makes options; what is left out stays as the activity says.
    public init(retry: RetryPolicy? = nil, timeout: Duration? = nil, queue: String? = nil) {
        self.retry = retry
        self.timeout = timeout
        self.queue = queue
    }
}

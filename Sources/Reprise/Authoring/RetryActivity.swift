/// Thrown by an activity to be run again, whatever its retry policy says: "not ready yet", a rate limit, a lost
/// dependency. The attempt isn't counted.
public struct RetryActivity: Error, Hashable, Sendable {
    /// How long to wait. Default: one second.
    public var delay: Duration
    /// Why, for logs and the debugger.
    public var reason: String

    /// Makes the error.
    public init(after delay: Duration = .seconds(1), reason: String = "") {
        self.delay = delay
        self.reason = reason
    }
}

/// When an attempt of an activity that threw or timed out is followed by another.
///
/// The delay before the second attempt is `initial`; each later one is `multiplier` times the one before, up to
/// `maximum`. The death of a worker is not an attempt: the activity is handed to another worker in any case.
public struct RetryPolicy: Codable, Hashable, Sendable {
    /// The delay before the second attempt. Default: one second.
    public var initial: Duration
    /// What each further delay is multiplied by, at least 1. Default: 2.
    public var multiplier: Double
    /// The longest delay. Default: one minute.
    public var maximum: Duration
    /// How many attempts there are at most, the first included; `nil` for no limit.
    public var attempts: Int?

    /// Makes a policy.
    public init(
        initial: Duration = .seconds(1), multiplier: Double = 2, maximum: Duration = .seconds(60), attempts: Int?
    ) {
        self.initial = initial
        self.multiplier = multiplier
        self.maximum = maximum
        self.attempts = attempts
    }

    /// One attempt: what the activity throws is its outcome. The default.
    public static let none = RetryPolicy(attempts: 1)

    /// Exponential back-off with the defaults of ``init(initial:multiplier:maximum:attempts:)``.
    public static func exponential(
        initial: Duration = .seconds(1), multiplier: Double = 2, maximum: Duration = .seconds(60),
        attempts: Int? = nil
    ) -> RetryPolicy {
        RetryPolicy(initial: initial, multiplier: multiplier, maximum: maximum, attempts: attempts)
    }

    /// The same delay before each further attempt.
    public static func fixed(_ delay: Duration, attempts: Int? = nil) -> RetryPolicy {
        RetryPolicy(initial: delay, multiplier: 1, maximum: delay, attempts: attempts)
    }

    /// The delay after `failedAttempts` attempts have failed, in whole milliseconds; `nil` if that was the last.
    ///
    /// `initial × multiplier ^ (failedAttempts - 1)`, at most `maximum`. Both backends compute exactly this, in doubles.
    public func delay(after failedAttempts: Int) -> Duration? {
        if let attempts, failedAttempts >= attempts { return nil }
        var delay = Double(initial.milliseconds)
        let maximum = Double(maximum.milliseconds)
        // Repeated multiplication, not `pow`: Lua and Swift must agree to the millisecond.
        var count = 1
        while count < failedAttempts, delay < maximum {
            delay *= multiplier
            count += 1
        }
        // Beyond 2^53 milliseconds a double is not exact, and further on no integer.
        let bound = 9_007_199_254_740_991.0
        return .milliseconds(Int64(max(0, delay.isNaN ? min(maximum, bound) : min(delay, maximum, bound))))
    }
}

/// When an attempt of an activity that threw or timed out is followed by another.
///
/// The delay before the second attempt is `initial`; each later one is `multiplier` times the one before, up to
/// `maximum`. A random part of up to ``jitter`` is taken off each, so that what failed together doesn't come back
/// together. The death of a worker is not an attempt: the activity is handed to another worker in any case.
///
/// ```swift
/// let policy = RetryPolicy.exponential(attempts: 5, nonRetryable: ["CardStolen"])
/// print(policy.delays(5))  // [1.0 seconds, 2.0 seconds, 4.0 seconds, 8.0 seconds]: the plan, before jitter
/// ```
public struct RetryPolicy: Codable, Hashable, Sendable {
    /// The delay before the second attempt. Default: one second.
    public var initial: Duration
    /// What each further delay is multiplied by, at least 1. Default: 2.
    public var multiplier: Double
    /// The longest delay. Default: one minute.
    public var maximum: Duration
    /// How many attempts there are at most, the first included; `nil` for no limit.
    public var attempts: Int?
    /// Which part of a delay may be taken off at random, between 0 and 1. Default: 0.2.
    public var jitter: Double
    /// Names of error types that are an outcome at once, as ``ActivityFailure/type`` has them: without module and generic
    /// arguments. Default: none. An error can also say so itself, see ``RetryAdvising``.
    public var nonRetryable: [String]

    /// Makes a policy.
    public init(
        initial: Duration = .seconds(1), multiplier: Double = 2, maximum: Duration = .seconds(60), attempts: Int?,
        jitter: Double = 0.2, nonRetryable: [String] = []
    ) {
        self.initial = initial
        self.multiplier = multiplier
        self.maximum = maximum
        self.attempts = attempts
        self.jitter = jitter
        self.nonRetryable = nonRetryable
    }

    /// One attempt: what the activity throws is its outcome. The default.
    public static let none = RetryPolicy(attempts: 1)

    /// Exponential back-off with the defaults of ``init(initial:multiplier:maximum:attempts:jitter:nonRetryable:)``.
    public static func exponential(
        initial: Duration = .seconds(1), multiplier: Double = 2, maximum: Duration = .seconds(60),
        attempts: Int? = nil, jitter: Double = 0.2, nonRetryable: [String] = []
    ) -> RetryPolicy {
        RetryPolicy(
            initial: initial, multiplier: multiplier, maximum: maximum, attempts: attempts, jitter: jitter,
            nonRetryable: nonRetryable)
    }

    /// The same delay before each further attempt, before jitter.
    public static func fixed(
        _ delay: Duration, attempts: Int? = nil, jitter: Double = 0.2, nonRetryable: [String] = []
    ) -> RetryPolicy {
        RetryPolicy(
            initial: delay, multiplier: 1, maximum: delay, attempts: attempts, jitter: jitter,
            nonRetryable: nonRetryable)
    }

    /// The plan: the delays between the first `count` attempts, before jitter. There are `count - 1` of them, or fewer
    /// if the policy has fewer attempts.
    public func delays(_ count: Int) -> [Duration] {
        guard count > 1 else { return [] }
        return (1..<count).lazy.map(delay(after:)).prefix { $0 != nil }.compactMap(\.self)
    }

    /// The delay after `failedAttempts` attempts have failed, in whole milliseconds and before jitter; `nil` if that was
    /// the last.
    ///
    /// `initial × multiplier ^ (failedAttempts - 1)`, at most `maximum`. Both backends compute exactly this, in doubles.
    public func delay(after failedAttempts: Int) -> Duration? {
        if let attempts, failedAttempts >= attempts { return nil }
        var delay = Double(initial.milliseconds)
        let maximum = Double(maximum.milliseconds)
        // Multiplications, not `pow`: Lua and Swift must agree to the millisecond. By squaring: there may have been very many
        // attempts.
        var (factor, power) = (multiplier, failedAttempts - 1)
        while power > 0, delay > 0 {
            if power % 2 == 1 { delay *= factor }
            (factor, power) = (factor * factor, power / 2)
        }
        // Beyond 2^53 milliseconds a double is not exact, and further on no integer.
        let bound = 9_007_199_254_740_991.0
        return .milliseconds(Int64(max(0, delay.isNaN ? min(maximum, bound) : min(delay, maximum, bound))))
    }

    func check(field policy: String = "retry") throws(InvalidArgument) {
        for (field, value) in [("initial", initial), ("maximum", maximum)] where value < .zero {
            throw InvalidArgument(field: "\(policy).\(field)", value: "\(value)", problem: "it must not be negative")
        }
        guard multiplier >= 1, multiplier.isFinite else {
            throw InvalidArgument(
                field: "\(policy).multiplier", value: "\(multiplier)", problem: "it must be at least 1")
        }
        guard (0...1).contains(jitter) else {
            throw InvalidArgument(field: "\(policy).jitter", value: "\(jitter)", problem: "it must be between 0 and 1")
        }
        if let fault = faultInTypes {
            throw InvalidArgument(field: "\(policy).nonRetryable", value: "\(nonRetryable.first ?? "")", problem: fault)
        }
        if let attempts, attempts < 1 {
            throw InvalidArgument(field: "\(policy).attempts", value: "\(attempts)", problem: "it must be at least 1")
        }
    }

    /// ``delay(after:)`` without the part that jitter takes off, which differs from operation to operation and is the
    /// same in every backend.
    package func delay(after failedAttempts: Int, run: Int, operation: Int) -> Duration? {
        guard let plan = delay(after: failedAttempts) else { return nil }
        guard jitter > 0 else { return plan }
        // Lehmer's generator with the constants of Park, Miller and Stockmeyer (1993). Every intermediate is below 2^53,
        // so that Lua's doubles are exact, too.
        var state = ((run % 1_000_003) * 2_003 + (operation % 1_000_003) * 31 + failedAttempts) % 2_147_483_646 + 1
        for _ in 0..<3 { state = state * 48_271 % 2_147_483_647 }
        let fraction = Double(state - 1) / 2_147_483_646
        return .milliseconds(Int64((Double(plan.milliseconds) * (1 - min(jitter, 1) * fraction)).rounded(.down)))
    }
}

/// An error that knows whether an activity that threw it should be tried again, and when.
///
/// ```swift
/// struct RateLimited: RetryAdvising {
///     var retryAfter: Duration
///     var retryAdvice: RetryAdvice { .after(retryAfter) }
/// }
/// ```
///
/// Whoever says no is right: the error, the worker (``ActivityRegistration/retrying(if:)``), or the policy by its
/// ``RetryPolicy/nonRetryable`` types and its number of attempts. If none does, the error's delay counts before the policy's.
public protocol RetryAdvising: Error {
    /// What it advises.
    var retryAdvice: RetryAdvice { get }
}

/// What an error says about the next attempt, see ``RetryAdvising``.
public struct RetryAdvice: Hashable, Sendable {
    let isRetryable: Bool
    let delay: Duration?

    /// As the retry policy says.
    public static let byPolicy = RetryAdvice(isRetryable: true, delay: nil)

    /// Not again: the error goes to the workflow.
    public static let never = RetryAdvice(isRetryable: false, delay: nil)

    /// If the policy has another attempt, then after this delay, as it is, in place of the policy's. The attempt counts; one
    /// that is not to count throws ``RetryActivity``.
    public static func after(_ delay: Duration) -> RetryAdvice { RetryAdvice(isRetryable: true, delay: delay) }
}

/// An activity's implementation, see ``Activity``.
public struct ActivityRegistration: Sendable {
    /// The activity's name.
    public let name: String
    let inputType: any Any.Type
    let outputType: any Any.Type
    private(set) var isRetryable: @Sendable (any Error) -> Bool = { _ in true }
    let body: @Sendable ([UInt8], PayloadCodec, ActivityContext) async throws -> [UInt8]

    init(
        name: String, inputType: any Any.Type, outputType: any Any.Type,
        body: @escaping @Sendable ([UInt8], PayloadCodec, ActivityContext) async throws -> [UInt8]
    ) {
        self.name = name
        self.inputType = inputType
        self.outputType = outputType
        self.body = body
    }

    /// The same implementation, with a word in which of its errors are worth another attempt: for errors that can't say so
    /// themselves by ``RetryAdvising``.
    ///
    /// ```swift
    /// Payments.charge.implement(charge).retrying { error in error is ConnectionLost }
    /// ```
    ///
    /// - Parameter condition: `false` makes the error the outcome; `true` leaves it to the error and the retry policy.
    public func retrying(if condition: @escaping @Sendable (any Error) -> Bool) -> ActivityRegistration {
        var registration = self
        registration.isRetryable = { [isRetryable] error in isRetryable(error) && condition(error) }
        return registration
    }
}

/// A group of activities with the dependencies that they share.
///
/// ```swift
/// struct PaymentActivities: ActivityProvider {
///     let gateway: any PaymentGateway
///     var activities: [ActivityRegistration] { Payments.charge.implement(charge) }
///
///     func charge(_ charge: Payments.Charge, _ context: ActivityContext) async throws -> Payments.Receipt {
///         try await gateway.charge(charge, idempotencyKey: context.idempotencyKey)
///     }
/// }
/// ```
public protocol ActivityProvider: Sendable {
    /// The implementations.
    @ActivityBuilder var activities: [ActivityRegistration] { get }
}

/// Lists activities, one to a line; `if` and `for` work, too.
@resultBuilder
public enum ActivityBuilder {
    /// An activity.
    public static func buildExpression(_ activity: ActivityRegistration) -> [ActivityRegistration] { [activity] }

    /// A list.
    public static func buildExpression(_ activities: [ActivityRegistration]) -> [ActivityRegistration] { activities }

    /// Another group.
    public static func buildExpression(_ provider: some ActivityProvider) -> [ActivityRegistration] {
        provider.activities
    }

    /// Joins the lines.
    public static func buildBlock(_ parts: [ActivityRegistration]...) -> [ActivityRegistration] {
        parts.flatMap { $0 }
    }

    /// A `for` loop.
    public static func buildArray(_ parts: [[ActivityRegistration]]) -> [ActivityRegistration] {
        parts.flatMap { $0 }
    }

    /// An `if` without `else`.
    public static func buildOptional(_ part: [ActivityRegistration]?) -> [ActivityRegistration] { part ?? [] }

    /// The first branch of an `if`.
    public static func buildEither(first part: [ActivityRegistration]) -> [ActivityRegistration] { part }

    /// The second branch of an `if`.
    public static func buildEither(second part: [ActivityRegistration]) -> [ActivityRegistration] { part }
}

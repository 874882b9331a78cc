/// An activity's implementation, see ``Activity``.
public struct ActivityRegistration: Sendable {
    /// The activity's name.
    public let name: String
    let inputType: any Any.Type
    let outputType: any Any.Type
    let body: @Sendable ([UInt8], PayloadCodec, ActivityContext) async throws -> [UInt8]
}

/// A group of activities with the dependencies that they share.
///
/// ```swift
/// struct PaymentActivities: ActivityProvider {
///     let gateway: any PaymentGateway
///     var activities: [ActivityRegistration] { Payments.charge.implement(charge) }
///     func charge(_ charge: Payments.Charge, _ context: ActivityContext) async throws -> Payments.Receipt { ... }
/// }
/// ```
public protocol ActivityProvider: Sendable {
    /// The implementations.
    @ActivityBuilder var activities: [ActivityRegistration] { get }
}

/// Lists activities, one to a line.
@resultBuilder
public enum ActivityBuilder {
    /// An activity.
    public static func buildExpression(_ activity: ActivityRegistration) -> [ActivityRegistration] { [activity] }

    /// A list.
    public static func buildExpression(_ activities: [ActivityRegistration]) -> [ActivityRegistration] { activities }

    /// Joins the lines.
    public static func buildBlock(_ parts: [ActivityRegistration]...) -> [ActivityRegistration] {
        parts.flatMap { $0 }
    }
}

/// A workflow type or an activity that a worker or a debugger is to know, see ``RegistrationBuilder``.
public struct Registration: Sendable {
    enum Item: Sendable {
        case workflow(WorkflowRegistration)
        case activity(ActivityRegistration)
    }

    let item: Item
}

/// Lists what a worker runs, one to a line: workflow types, groups of activities, single activities. `if` and `for` work, too.
///
/// ```swift
/// try Worker(backend: backend, queue: "billing", logger: logger) {
///     Subscription.self
///     PaymentActivities(gateway: stripe)
///     Emails.send.implement { message in try await mailer.send(message) }
/// }
/// ```
@resultBuilder
public enum RegistrationBuilder {
    /// A workflow type.
    public static func buildExpression<Target: Workflow>(_ type: Target.Type) -> [Registration] {
        [Registration(item: .workflow(WorkflowRegistration(type)))]
    }

    /// A single activity.
    public static func buildExpression(_ activity: ActivityRegistration) -> [Registration] {
        [Registration(item: .activity(activity))]
    }

    /// Activities.
    public static func buildExpression(_ activities: [ActivityRegistration]) -> [Registration] {
        activities.map { Registration(item: .activity($0)) }
    }

    /// A group of activities.
    public static func buildExpression(_ provider: some ActivityProvider) -> [Registration] {
        provider.activities.map { Registration(item: .activity($0)) }
    }

    /// A list.
    public static func buildExpression(_ registrations: [Registration]) -> [Registration] { registrations }

    /// Joins the lines.
    public static func buildBlock(_ parts: [Registration]...) -> [Registration] { parts.flatMap { $0 } }

    /// A `for` loop.
    public static func buildArray(_ parts: [[Registration]]) -> [Registration] { parts.flatMap { $0 } }

    /// An `if` without `else`.
    public static func buildOptional(_ part: [Registration]?) -> [Registration] { part ?? [] }

    /// The first branch of an `if`.
    public static func buildEither(first part: [Registration]) -> [Registration] { part }

    /// The second branch of an `if`.
    public static func buildEither(second part: [Registration]) -> [Registration] { part }
}

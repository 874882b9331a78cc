/// A message to a running workflow: durable, in order, delivered once.
///
/// With a handler, the signal calls a method of the workflow, between two of its steps:
///
/// ```swift
/// func cancelPlan(_ reason: String) { isCancelled = true }
/// static let cancelPlan = Signal("cancelPlan", Subscription.cancelPlan)
/// static var handlers: [Handler<Subscription>] { cancelPlan }
/// ```
///
/// A handler is `(Payload) -> Void`, or `(Payload, WorkflowContext) async throws -> Void`; without a payload the same without
/// that argument.
///
/// Without a handler it is buffered until the workflow takes it, however early it came:
///
/// ```swift
/// static let approved = Signal<Purchase, Approval>("approved")
///
/// func run(_ context: WorkflowContext) async throws -> String {
///     let approval = try await context.receive(Self.approved)
///     return approval.by
/// }
/// ```
public struct Signal<Target: Workflow, Payload: Sendable>: Sendable {
    /// The name that histories record.
    public let name: String
    package let coder: PayloadCoder<Payload>
    let handler: HandlerBody?

    enum HandlerBody: Sendable {
        case immediate(@Sendable (Target) -> (Payload) -> Void)
        case suspending(@Sendable (Target) -> (Payload, WorkflowContext) async throws -> Void)
    }

    private init(name: String, coder: PayloadCoder<Payload>, handler: HandlerBody?) {
        self.name = name
        self.coder = coder
        self.handler = handler
    }
}

extension Signal where Payload: Codable {
    /// A signal without a handler, for ``WorkflowContext/receive(_:fileID:line:)``.
    public init(_ name: String) { self.init(name: name, coder: .codable, handler: nil) }

    /// A signal that calls a method.
    public init(_ name: String, _ handler: @escaping @Sendable (Target) -> (Payload) -> Void) {
        self.init(name: name, coder: .codable, handler: .immediate(handler))
    }

    /// A signal that starts an `async` method, which runs beside `run`. An error that it throws fails the run; but a
    /// `CancellationError` of a run that was asked to end is left to `run`.
    public init(
        _ name: String, _ handler: @escaping @Sendable (Target) -> (Payload, WorkflowContext) async throws -> Void
    ) {
        self.init(name: name, coder: .codable, handler: .suspending(handler))
    }
}

extension Signal where Payload == Void {
    /// A signal without payload and handler, for ``WorkflowContext/receive(_:fileID:line:)``.
    public init(_ name: String) { self.init(name: name, coder: .void, handler: nil) }

    /// A signal without payload that calls a method.
    public init(_ name: String, _ handler: @escaping @Sendable (Target) -> () -> Void) {
        self.init(name: name, coder: .void, handler: .immediate { target in { _ in handler(target)() } })
    }

    /// A signal without payload that starts an `async` method, which runs beside `run`.
    public init(
        _ name: String, _ handler: @escaping @Sendable (Target) -> (WorkflowContext) async throws -> Void
    ) {
        self.init(
            name: name, coder: .void,
            handler: .suspending { target in { _, context in try await handler(target)(context) } })
    }
}

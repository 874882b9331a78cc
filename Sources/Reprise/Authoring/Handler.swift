/// A signal's handler as a workflow registers it, see ``Workflow/handlers``.
public struct Handler<Target: Workflow>: Sendable {
    /// The signal's name.
    public let name: String
    /// Decodes the payload and runs the handler, or gives the task that is to run it.
    let invoke: @Sendable (Target, [UInt8], PayloadCodec) throws(PayloadError) -> SignalInvocation

    init?<Payload>(_ signal: Signal<Target, Payload>) {
        guard let body = signal.handler else { return nil }
        let (name, coder) = (signal.name, signal.coder)
        self.name = name
        invoke = { target, bytes, codec throws(PayloadError) in
            let payload = try codec.decode(bytes, coder, "signal \(name) of workflow \(Target.name)")
            switch body {
            case .immediate(let handle):
                handle(target)(payload)
                return .finished
            case .suspending(let handle):
                let method = handle(target)
                return .suspending { context in try await method(payload, context) }
            }
        }
    }
}

/// Lists a workflow's handlers, one to a line.
@resultBuilder
public enum HandlerBuilder<Target: Workflow> {
    /// A signal; one without a handler adds nothing.
    public static func buildExpression<Payload>(_ signal: Signal<Target, Payload>) -> [Handler<Target>] {
        Handler(signal).map { [$0] } ?? []
    }

    /// A list.
    public static func buildExpression(_ handlers: [Handler<Target>]) -> [Handler<Target>] { handlers }

    /// Joins the lines.
    public static func buildBlock(_ parts: [Handler<Target>]...) -> [Handler<Target>] { parts.flatMap { $0 } }
}

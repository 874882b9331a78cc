/// One run's workflow object behind the types that the engine doesn't know.
protocol WorkflowInstance: AnyObject {
    /// Runs the workflow and tells the engine how it ended.
    func run(_ context: WorkflowContext) async
    /// Calls the signal's handler; `nil` if it has none.
    func handle(_ signal: SignalRecord, _ codec: PayloadCodec) throws(PayloadError) -> SignalInvocation?
    /// The workflow's `@Variable` properties, in the order of their declaration.
    var variables: [(name: String, value: Any)] { get }
}

/// What a signal's handler leaves to do.
enum SignalInvocation {
    case finished
    case suspending((WorkflowContext) async throws -> Void)
}

final class TypedWorkflowInstance<Target: Workflow>: WorkflowInstance {
    let workflow: Target

    init(input bytes: [UInt8], codec: PayloadCodec) throws(PayloadError) {
        let input = try codec.decode(bytes, Target.inputCoder, "the input of workflow \(Target.name)")
        workflow = Target(input: input)
    }

    func run(_ context: WorkflowContext) async {
        let engine = context.engine
        do {
            let output = try await workflow.run(context)
            engine.finish(returning: output, Target.outputCoder)
        } catch {
            engine.finish(throwing: error)
        }
    }

    func handle(_ signal: SignalRecord, _ codec: PayloadCodec) throws(PayloadError) -> SignalInvocation? {
        guard let handler = Target.handlers.first(where: { $0.name.isExactly(signal.name) }) else { return nil }
        return try handler.invoke(workflow, signal.payload, codec)
    }

    var variables: [(name: String, value: Any)] {
        Mirror(reflecting: workflow).children.compactMap { child in
            guard let label = child.label, let variable = child.value as? any AnyVariable else { return nil }
            return (String(label.drop { $0 == "_" }), variable.anyValue)
        }
    }
}

/// A child workflow that has begun, see ``WorkflowContext/startChild(_:id:_:options:fileID:line:)``.
public struct ChildHandle<Target: Workflow>: Sendable {
    /// The child's workflow id.
    public let workflowID: String
    let engine: ReplayEngine
    let operation: Operation
    let location: SourceLocation

    /// What the child returned, waiting for it if need be. It may be asked for again.
    ///
    /// Cancelling the task that waits asks the child to end, and doesn't wait for it, unless another task waits, too.
    /// - Throws: ``ChildWorkflowFailure`` if the child threw, was cancelled or terminated, or could not be started;
    ///   `CancellationError`.
    public var value: Target.Output {
        get async throws {
            switch try await engine.value(of: operation, location: location) {
            case .completed(let bytes):
                try engine.decode(bytes, Target.outputCoder, "the output of child workflow \(Target.name)")
            case .failed(let record):
                throw ChildWorkflowFailure(
                    workflow: Target.name, workflowID: workflowID, record: record, converter: engine.codec.converter)
            case .thrown(let error): throw error
            case .fired: preconditionFailure("a timer's event resolved a child")
            }
        }
    }

    /// Asks the child to end, and gives up waiting for it: ``value`` throws `CancellationError`.
    public func cancel(fileID: String = #fileID, line: Int = #line) {
        engine.cancelOperation(operation, at: SourceLocation(fileID: fileID, line: line))
    }

    /// Sends the child a signal, after its start. It is dropped if the child has ended.
    public func signal<Payload>(
        _ signal: Signal<Target, Payload>, _ payload: Payload, fileID: String = #fileID, line: Int = #line
    ) throws {
        try engine.signalChild(
            operation, signal, payload, at: SourceLocation(fileID: fileID, line: line))
    }

    /// Sends the child a signal without a payload.
    public func signal(_ signal: Signal<Target, Void>, fileID: String = #fileID, line: Int = #line) throws {
        try self.signal(signal, (), fileID: fileID, line: line)
    }
}

/// Child workflows: runs of their own, whose results come back.
extension WorkflowContext {
    /// Starts a child workflow without waiting for it.
    ///
    /// ```swift
    /// let shipping = context.startChild(Shipping.self, id: "shipping-\(order.id)", order)
    /// try await context.execute(Emails.confirm, order)
    /// let parcel = try await shipping.value
    /// ```
    ///
    /// A child has a history of its own, can be found from outside by its id, and may run on workers of another queue. It
    /// is started when the turn is recorded. One whose id has an open run is not started; ``ChildHandle/value`` says so.
    /// - Parameters:
    ///   - id: the child's workflow id, 1 to 255 bytes. Default: derived from the parent's run, so that it is its own.
    ///   - options: queue, version, and what becomes of it when the parent closes first.
    public func startChild<Target: Workflow>(
        _ type: Target.Type, id: String? = nil, _ input: Target.Input, options: ChildOptions = .init(),
        fileID: String = #fileID, line: Int = #line
    ) -> ChildHandle<Target> {
        engine.startChild(
            type, id: id, input, options: options, at: SourceLocation(fileID: fileID, line: line))
    }

    /// Starts a child workflow that takes no input.
    public func startChild<Target: Workflow>(
        _ type: Target.Type, id: String? = nil, options: ChildOptions = .init(), fileID: String = #fileID,
        line: Int = #line
    ) -> ChildHandle<Target> where Target.Input == Void {
        startChild(type, id: id, (), options: options, fileID: fileID, line: line)
    }

    /// Runs a child workflow and waits for its result.
    ///
    /// - Throws: ``ChildWorkflowFailure``; `CancellationError` if this task is cancelled, and then the child is asked to
    ///   end.
    @discardableResult
    public func executeChild<Target: Workflow>(
        _ type: Target.Type, id: String? = nil, _ input: Target.Input, options: ChildOptions = .init(),
        fileID: String = #fileID, line: Int = #line
    ) async throws -> Target.Output {
        try await startChild(type, id: id, input, options: options, fileID: fileID, line: line).value
    }

    /// Runs a child workflow that takes no input.
    @discardableResult
    public func executeChild<Target: Workflow>(
        _ type: Target.Type, id: String? = nil, options: ChildOptions = .init(), fileID: String = #fileID,
        line: Int = #line
    ) async throws -> Target.Output where Target.Input == Void {
        try await startChild(type, id: id, options: options, fileID: fileID, line: line).value
    }
}

/// Thrown out of `run` to go on in a new run, see ``Workflow/continueAsNew(with:)``.
public struct ContinueAsNew: Error {
    let type: String
    let encode: @Sendable (PayloadCodec) throws(PayloadError) -> [UInt8]
}

extension Workflow {
    /// Ends this run and goes on in a new one of the same workflow id, with an empty history: for workflows that run for
    /// years. Throw it:
    ///
    /// ```swift
    /// func run(_ context: WorkflowContext) async throws {
    ///     while true {
    ///         try await context.sleep(for: .hours(1))
    ///         total += try await context.execute(Meters.read, input.meter)
    ///         if context.shouldContinueAsNew {
    ///             throw continueAsNew(with: .init(meter: input.meter, total: total))
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// Type, version, queue, and the place as a child stay. Signals that are buffered, and not received, are handed on in
    /// their order. What is open is cancelled, and open children are treated by their parent-close policies. Handles of the
    /// old run go on with the new one: ``WorkflowHandle/result(timeout:)`` is the last run's.
    public func continueAsNew(with input: Input) -> ContinueAsNew {
        ContinueAsNew(type: Self.name) { codec throws(PayloadError) in
            try codec.encode(input, Self.inputCoder, "the input of workflow \(Self.name)").bytes
        }
    }
}

extension Workflow where Input == Void {
    /// Ends this run and goes on in a new one, without input.
    public func continueAsNew() -> ContinueAsNew { continueAsNew(with: ()) }
}

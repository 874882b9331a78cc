/// An activity that has begun, see ``WorkflowContext/start(_:_:options:fileID:line:)``.
public struct ActivityHandle<Output: Sendable>: Sendable {
    let engine: ReplayEngine
    let operation: Operation
    let name: String
    let coder: PayloadCoder<Output>
    let location: SourceLocation

    /// What the activity sees as ``ActivityContext/idempotencyKey``: for asking the same service about it later, or for
    /// undoing it.
    ///
    /// ```swift
    /// let charge = context.start(Payments.charge, .init(amount: 100))
    /// do { _ = try await charge.value } catch { try await context.execute(Payments.refund, charge.idempotencyKey) }
    /// ```
    public var idempotencyKey: String {
        // One that could not be begun has no number, and its key is nobody's.
        operation.number.map(engine.run.idempotencyKey) ?? "\(engine.run)/none"
    }

    /// The activity's result, waiting for it if need be. It may be asked for again.
    ///
    /// Cancelling the task that waits cancels the activity, unless another task waits for it, too.
    /// - Throws: ``ActivityFailure`` when it has failed for good; `CancellationError`.
    public var value: Output {
        get async throws {
            switch try await engine.value(of: operation, location: location) {
            case .completed(let bytes): try engine.decode(bytes, coder, "the output of activity \(name)")
            case .failed(let record):
                throw ActivityFailure(activity: name, record: record, converter: engine.codec.converter)
            case .thrown(let error): throw error
            case .fired: preconditionFailure("a timer's event resolved an activity")
            }
        }
    }
}

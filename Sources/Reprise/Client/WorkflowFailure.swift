/// What waiting for a result throws when the workflow's `run` threw, or the run was cancelled or terminated.
///
/// ```swift
/// do {
///     let receipt = try await order.result()
///     print(receipt.id)
/// } catch let failure as WorkflowFailure {
///     // The workflow let the failure of its activity pass.
///     let declined = failure.cause?.details(as: Declined.self)
///     let activity = failure.details(as: ActivityFailure.self)?.activity
///     print(activity ?? "", declined?.reason ?? failure.message)
/// }
/// ```
public struct WorkflowFailure: Error, Sendable, CustomStringConvertible {
    /// The run.
    public let run: RunID
    private let record: FailureRecord
    private let converter: any DataConverter

    init(run: RunID, record: FailureRecord, converter: any DataConverter) {
        self.run = run
        self.record = converter.decoded(record)
        self.converter = converter
    }

    /// The name of the thrown error's type; ``FailureRecord/cancelled`` or ``FailureRecord/terminated``.
    public var type: String { record.type }
    /// The thrown error's description, or the reason.
    public var message: String { record.message }
    /// What the thrown error came from: what an activity threw, or the cause of a ``CausedError``.
    public var cause: FailureCause? { record.cause.map { FailureCause(record: $0, converter: converter) } }

    /// The thrown error itself, if it was `Codable`; `nil` if it wasn't, or is of another type.
    public func details<Failure: Decodable>(as type: Failure.Type) -> Failure? {
        record.details(as: type, converter: converter)
    }

    /// The message for a log.
    public var description: String { "run \(run) failed: \(type): \(message)" }
}

extension WorkflowFailure: RecordedError {
    func record(_ codec: PayloadCodec) -> FailureRecord {
        FailureRecord(type: "\(WorkflowFailure.self)", message: description, cause: record)
    }
}

/// What a workflow catches when a child workflow threw, was cancelled or terminated, or could not be started.
///
/// ```swift
/// do {
///     try await context.executeChild(Shipping.self, order)
/// } catch let failure as ChildWorkflowFailure {
///     // The child let the failure of its activity pass, which came from an error of its own.
///     if let sold = failure.cause?.details(as: SoldOut.self) { print(sold.item) }
/// }
/// ```
public struct ChildWorkflowFailure: Error, Sendable, CustomStringConvertible {
    /// The child's workflow type.
    public let workflow: String
    /// The child's workflow id.
    public let workflowID: String
    private let record: FailureRecord
    private let converter: any DataConverter

    init(workflow: String, workflowID: String, record: FailureRecord, converter: any DataConverter) {
        self.workflow = workflow
        self.workflowID = workflowID
        self.record = converter.decoded(record)
        self.converter = converter
    }

    /// The name of the thrown error's type, or one of the words of ``FailureRecord``: `Cancelled`, `Terminated`,
    /// `AlreadyRunning`.
    public var type: String { record.type }
    /// The thrown error's description, or the reason.
    public var message: String { record.message }
    /// What the thrown error came from: what an activity or a child of the child threw.
    public var cause: FailureCause? { record.cause.map { FailureCause(record: $0, converter: converter) } }

    /// The thrown error itself, if it was `Codable`; `nil` if it wasn't, or is of another type.
    public func details<Failure: Decodable>(as type: Failure.Type) -> Failure? {
        record.details(as: type, converter: converter)
    }

    /// The message for a log.
    public var description: String { "child workflow \(workflow) (\(workflowID)) failed: \(type): \(message)" }
}

extension ChildWorkflowFailure: Codable {
    private enum CodingKeys: String, CodingKey { case workflow, workflowID, failure }

    /// Decodes a failure that was part of another value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        workflow = try container.decode(String.self, forKey: .workflow)
        workflowID = try container.decode(String.self, forKey: .workflowID)
        record = try container.decode(FailureRecord.self, forKey: .failure)
        converter = FailureRecord.nestedConverter
    }

    /// Encodes all but the converter.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(workflow, forKey: .workflow)
        try container.encode(workflowID, forKey: .workflowID)
        try container.encode(record, forKey: .failure)
    }
}

extension ChildWorkflowFailure: RecordedError {
    /// What is known beside the cause.
    private struct Details: Codable { var workflow: String, workflowID: String }

    func record(_ codec: PayloadCodec) -> FailureRecord {
        FailureRecord(
            type: "\(ChildWorkflowFailure.self)", message: description,
            details: codec.details(of: Details(workflow: workflow, workflowID: workflowID)), cause: record)
    }

    init?(recordedAs record: FailureRecord, converter: any DataConverter) {
        guard record.type == "\(ChildWorkflowFailure.self)", let cause = record.cause, let details = record.details,
            let decoded = try? converter.decode(Details.self, from: Array(details))
        else { return nil }
        self.init(
            workflow: decoded.workflow, workflowID: decoded.workflowID, record: cause, converter: converter)
    }
}

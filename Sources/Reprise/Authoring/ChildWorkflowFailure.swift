import Foundation

/// What a workflow catches when a child workflow threw, was cancelled or terminated, or could not be started.
public struct ChildWorkflowFailure: Error, Sendable, CustomStringConvertible {
    /// The child's workflow type.
    public let workflow: String
    /// The child's workflow id.
    public let workflowID: String
    /// The name of the thrown error's type, or one of the words of ``FailureRecord``: `Cancelled`, `Terminated`,
    /// `AlreadyRunning`.
    public var type: String { record.type }
    /// The thrown error's description, or the reason.
    public var message: String { record.message }
    let record: FailureRecord
    private let converter: any DataConverter

    init(workflow: String, workflowID: String, record: FailureRecord, converter: any DataConverter) {
        self.workflow = workflow
        self.workflowID = workflowID
        self.record = record
        self.converter = converter
    }

    /// The thrown error itself, if it was `Codable`; `nil` if it wasn't, or is of another type.
    public func details<Failure: Decodable>(as type: Failure.Type) -> Failure? {
        record.details.flatMap { try? converter.decode(type, from: Array($0)) }
    }

    /// The message for a log.
    public var description: String { "child workflow \(workflow) (\(workflowID)) failed: \(type): \(message)" }
}

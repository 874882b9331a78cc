import Foundation

/// What waiting for a result throws when the workflow's `run` threw.
public struct WorkflowFailure: Error, Sendable, CustomStringConvertible {
    /// The run.
    public let run: RunID
    /// The name of the thrown error's type.
    public let type: String
    /// The thrown error's description.
    public let message: String
    private let record: FailureRecord
    private let converter: any DataConverter

    init(run: RunID, record: FailureRecord, converter: any DataConverter) {
        self.run = run
        type = record.type
        message = record.message
        self.record = record
        self.converter = converter
    }

    /// The thrown error itself, if it was `Codable`; `nil` if it wasn't, or is of another type.
    public func details<Failure: Decodable>(as type: Failure.Type) -> Failure? {
        record.details.flatMap { try? converter.decode(type, from: Array($0)) }
    }

    /// The message for a log.
    public var description: String { "run \(run) failed: \(type): \(message)" }
}

/// Thrown when a wait's own timeout passes. The run goes on.
public struct WaitTimeout: Error, Hashable, Sendable, CustomStringConvertible {
    /// The run.
    public let run: RunID
    /// The timeout.
    public let timeout: Duration
    /// The message for a log.
    public var description: String { "run \(run) did not get there within \(timeout)" }
}

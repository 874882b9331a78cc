/// What a failure comes from: one link of its chain.
///
/// ```swift
/// do {
///     _ = try await order.result()
/// } catch let failure as WorkflowFailure {
///     // The workflow let the failure of its activity pass, which came from an error of its own.
///     if let declined = failure.cause?.details(as: Declined.self) { print(declined.reason) }
/// }
/// ```
public struct FailureCause: Error, Sendable, CustomStringConvertible {
    let record: FailureRecord
    private let converter: any DataConverter

    init(record: FailureRecord, converter: any DataConverter) {
        self.record = converter.decoded(record)
        self.converter = converter
    }

    /// The name of the error's type; of an activity's timeout, its name.
    public var type: String { record.type }
    /// The error's description.
    public var message: String { record.message }
    /// How many attempts threw or timed out, of an activity that failed for good.
    public var attempts: Int? { record.attempts }
    /// What it comes from.
    public var cause: FailureCause? { record.cause.map { FailureCause(record: $0, converter: converter) } }

    /// The error itself, if it was `Codable`; `nil` if it wasn't, or is of another type.
    public func details<Failure: Decodable>(as type: Failure.Type) -> Failure? {
        record.details(as: type, converter: converter)
    }

    /// The message for a log.
    public var description: String { "\(type): \(message)" }
}

extension FailureCause: RecordedError {
    func record(_ codec: PayloadCodec) -> FailureRecord { record }
}

/// An error that comes from another one. The chain of causes is recorded with it, see ``WorkflowFailure/cause``.
///
/// ```swift
/// struct OrderFailed: CausedError {
///     var cause: (any Error)?
/// }
/// ```
public protocol CausedError: Error {
    /// What it comes from.
    var cause: (any Error)? { get }
}

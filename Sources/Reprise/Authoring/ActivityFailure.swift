/// What a workflow catches when an activity has failed for good: its retries are spent, or it has none.
///
/// ```swift
/// do {
///     try await context.execute(Payments.charge, charge)
/// } catch let failure as ActivityFailure where failure.details(as: Declined.self) != nil {
///     overdue += charge.amount
/// }
/// ```
public struct ActivityFailure: Error, Sendable, CustomStringConvertible {
    /// The activity's name.
    public let activity: String
    private let record: FailureRecord
    private let converter: any DataConverter

    init(activity: String, record: FailureRecord, converter: any DataConverter) {
        self.activity = activity
        self.record = converter.decoded(record)
        self.converter = converter
    }

    /// The name of the thrown error's type, or of the timeout that passed, see ``timeout``.
    public var type: String { record.type }
    /// The thrown error's description.
    public var message: String { record.message }
    /// How many attempts threw or timed out.
    public var attempts: Int { record.attempts ?? 1 }
    /// What the thrown error came from, if it is a ``CausedError``; the last attempt's failure, if there was no time for
    /// another.
    public var cause: FailureCause? { record.cause.map { FailureCause(record: $0, converter: converter) } }

    /// Which timeout passed, if that is why.
    public var timeout: ActivityTimeout? {
        let timeout = ActivityTimeout(rawValue: type)
        return ActivityTimeout.all.contains(timeout) ? timeout : nil
    }

    /// The thrown error itself, if it was `Codable`; `nil` if it wasn't, or is of another type.
    public func details<Failure: Decodable>(as type: Failure.Type) -> Failure? {
        record.details(as: type, converter: converter)
    }

    /// The message for a log.
    public var description: String { "activity \(activity) failed: \(type): \(message)" }
}

extension ActivityFailure: Hashable {
    /// Equal failures have the same activity, type, message, attempts, details and causes.
    public static func == (one: ActivityFailure, other: ActivityFailure) -> Bool {
        one.activity == other.activity && one.record == other.record
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(activity)
        hasher.combine(record)
    }
}

extension ActivityFailure: Codable {
    private enum CodingKeys: String, CodingKey { case activity, failure }

    /// Decodes a failure that was part of another value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        activity = try container.decode(String.self, forKey: .activity)
        record = try container.decode(FailureRecord.self, forKey: .failure)
        converter = FailureRecord.nestedConverter
    }

    /// Encodes all but the converter.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(activity, forKey: .activity)
        try container.encode(record, forKey: .failure)
    }
}

extension ActivityFailure: RecordedError {
    /// What is known beside the cause.
    private struct Details: Codable { var activity: String }

    func record(_ codec: PayloadCodec) -> FailureRecord {
        FailureRecord(
            type: "\(ActivityFailure.self)", message: description,
            details: codec.details(of: Details(activity: activity)), cause: record)
    }

    init?(recordedAs record: FailureRecord, converter: any DataConverter) {
        guard record.type == "\(ActivityFailure.self)", let cause = record.cause, let details = record.details,
            let decoded = try? converter.decode(Details.self, from: Array(details))
        else { return nil }
        self.init(activity: decoded.activity, record: cause, converter: converter)
    }
}

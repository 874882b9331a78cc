public import Foundation

/// A failure as a history holds it: JSON, whatever the data converter, so that scripts can write one too.
public struct FailureRecord: Hashable, Sendable {
    /// The name of the thrown error's type, or one of the engine's own words, such as `StartToCloseTimeout`. An error type of
    /// yours with such a name has its module's before it: `Billing.StartToCloseTimeout`.
    public var type: String
    /// The error's description.
    public var message: String
    /// How often the activity had thrown or timed out when it failed for good; absent for workflows.
    public var attempts: Int?
    /// The thrown error, encoded by the data converter, if it is `Codable`.
    public var details: Data?
    /// What it comes from: an activity's or a child's failure.
    public var cause: FailureRecord? {
        get { causes.first }
        set { causes = newValue.map { [$0] } ?? [] }
    }
    /// None or one: a struct can't hold itself.
    private var causes: [FailureRecord] = []

    /// Makes a record.
    public init(
        type: String, message: String, attempts: Int? = nil, details: Data? = nil, cause: FailureRecord? = nil
    ) {
        self.type = type
        self.message = message
        self.attempts = attempts
        self.details = details
        self.cause = cause
    }

    /// The word for a run that ended because it was asked to.
    public static let cancelled = "Cancelled"
    /// The word for a run that was terminated.
    public static let terminated = "Terminated"
    /// The word for a child whose workflow id had an open run.
    public static let alreadyRunning = "AlreadyRunning"

    /// What an error type of a user isn't taken for.
    static let words = Set([cancelled, terminated, alreadyRunning] + ActivityTimeout.all.map(\.rawValue))

    package func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, an integer and bytes always encode.
        return try! Array(encoder.encode(self))
    }

    package init(decoding bytes: [UInt8]) throws(CorruptHistory) {
        do {
            self = try JSONDecoder().decode(FailureRecord.self, from: Data(bytes))
        } catch {
            throw CorruptHistory("a failure is not valid JSON: \(error)")
        }
    }
}

extension FailureRecord: Codable {
    private enum CodingKeys: String, CodingKey { case attempts, cause, details, message, type }

    /// Reads the JSON object.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decode(String.self, forKey: .type)
        message = try container.decode(String.self, forKey: .message)
        attempts = try container.decodeIfPresent(Int.self, forKey: .attempts)
        details = try container.decodeIfPresent(Data.self, forKey: .details)
        cause = try container.decodeIfPresent(FailureRecord.self, forKey: .cause)
    }

    /// Writes a JSON object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(type, forKey: .type)
        try container.encode(message, forKey: .message)
        try container.encodeIfPresent(attempts, forKey: .attempts)
        try container.encodeIfPresent(details, forKey: .details)
        try container.encodeIfPresent(cause, forKey: .cause)
    }
}

import Foundation

/// What a workflow catches when an activity has failed for good: its retries are spent, or it has none.
public struct ActivityFailure: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    /// The activity's name.
    public let activity: String
    /// The name of the thrown error's type; `StartToCloseTimeout` if the last attempt took too long.
    public let type: String
    /// The thrown error's description.
    public let message: String
    /// How many attempts threw or timed out.
    public let attempts: Int
    private let details: Data?
    private let converter: ConverterBox

    init(activity: String, record: FailureRecord, converter: any DataConverter) {
        self.activity = activity
        type = record.type
        message = record.message
        attempts = record.attempts ?? 1
        details = record.details
        self.converter = ConverterBox(converter: converter)
    }

    /// Which timeout passed, if that is why.
    public var timeout: ActivityTimeout? {
        let timeout = ActivityTimeout(rawValue: type)
        return ActivityTimeout.all.contains(timeout) ? timeout : nil
    }

    /// The thrown error itself, if it was `Codable`; `nil` if it wasn't, or is of another type.
    public func details<Failure: Decodable>(as type: Failure.Type) -> Failure? {
        details.flatMap { try? converter.converter.decode(type, from: Array($0)) }
    }

    /// The message for a log.
    public var description: String { "activity \(activity) failed: \(type): \(message)" }

    private enum CodingKeys: String, CodingKey { case activity, type, message, attempts, details }

    /// Decodes a failure that was nested in another payload.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        activity = try container.decode(String.self, forKey: .activity)
        type = try container.decode(String.self, forKey: .type)
        message = try container.decode(String.self, forKey: .message)
        attempts = try container.decode(Int.self, forKey: .attempts)
        details = try container.decodeIfPresent(Data.self, forKey: .details)
        converter = ConverterBox(converter: JSONDataConverter())
    }

    /// Encodes all but the converter.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(activity, forKey: .activity)
        try container.encode(type, forKey: .type)
        try container.encode(message, forKey: .message)
        try container.encode(attempts, forKey: .attempts)
        try container.encodeIfPresent(details, forKey: .details)
    }

    /// A converter that takes no part in equality: it says how to read the details, not what they are.
    private struct ConverterBox: Hashable, Sendable {
        let converter: any DataConverter
        static func == (one: Self, other: Self) -> Bool { true }
        func hash(into hasher: inout Hasher) {}
    }
}

public import Foundation

/// A failure as a history holds it: JSON, whatever the data converter, so that scripts can write one too.
public struct FailureRecord: Codable, Hashable, Sendable {
    /// The name of the thrown error's type, or one of the engine's own words, such as `StartToCloseTimeout`.
    public var type: String
    /// The error's description.
    public var message: String
    /// How often the activity had thrown or timed out when it failed for good; absent for workflows.
    public var attempts: Int?
    /// The thrown error, encoded by the data converter, if it is `Codable`.
    public var details: Data?

    /// Makes a record.
    public init(type: String, message: String, attempts: Int? = nil, details: Data? = nil) {
        self.type = type
        self.message = message
        self.attempts = attempts
        self.details = details
    }

    /// The word for an activity that outran its start-to-close timeout.
    public static let startToCloseTimeout = "StartToCloseTimeout"

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

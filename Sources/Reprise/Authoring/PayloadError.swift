/// A payload that can't be encoded or decoded, or that is too large. It names what it belongs to, the field, and shows
/// the beginning of the bytes.
public struct PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, where, and what to do about it.
    public let message: String

    /// The message for a log.
    public var description: String { message }

    init(_ message: String) { self.message = message }

    /// - Parameter subject: such as `the input of workflow Subscription`.
    static func undecodable(_ subject: String, _ error: any Error, _ bytes: [UInt8]) -> PayloadError {
        let limit = 200
        let excerpt = String(decoding: bytes.prefix(limit), as: UTF8.self) + (bytes.count > limit ? "…" : "")
        return PayloadError("\(subject) does not decode: \(reason(error)). Payload (\(bytes.count) bytes): \(excerpt)")
    }

    static func unencodable(_ subject: String, _ error: any Error) -> PayloadError {
        PayloadError("\(subject) does not encode: \(reason(error))")
    }

    static func tooLarge(_ subject: String, count: Int, limit: Int) -> PayloadError {
        PayloadError(
            """
            \(subject) is \(count) bytes; the limit is \(limit) bytes. Pass a reference to the data instead of the data, \
            or raise payloadLimit
            """)
    }

    private static func reason(_ error: any Error) -> String {
        func field(_ path: [any CodingKey]) -> String {
            path.isEmpty
                ? "the value"
                : "field " + path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        // Foundation's descriptions are sentences, some with a period.
        func plain(_ description: String) -> String {
            description.hasSuffix(".") ? String(description.dropLast()) : description
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context): "\(field(context.codingPath + [key])) is missing"
        case DecodingError.valueNotFound(let type, let context): "\(field(context.codingPath)) is null, not \(type)"
        case DecodingError.typeMismatch(let type, let context):
            "\(field(context.codingPath)) is not \(type): \(plain(context.debugDescription))"
        case DecodingError.dataCorrupted(let context):
            "\(field(context.codingPath)): \(plain(context.debugDescription))"
        case EncodingError.invalidValue(_, let context):
            "\(field(context.codingPath)): \(plain(context.debugDescription))"
        default: "\(error)"
        }
    }
}

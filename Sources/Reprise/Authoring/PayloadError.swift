/// A payload that can't be encoded or decoded, or that is too large. It names what it belongs to, the field, and shows
/// the beginning of the bytes.
public struct PayloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, where, and what to do about it.
    public let message: String
    /// Why, if it could not be decrypted.
    public let decryption: DecryptionError?

    /// The message for a log.
    public var description: String { message }

    init(_ message: String, decryption: DecryptionError? = nil) {
        self.message = message
        self.decryption = decryption
    }

    /// - Parameters:
    ///   - subject: such as `the input of workflow Subscription`.
    ///   - quoting: whether the message may say what the payload holds: it is stored in clear.
    static func undecodable(
        _ subject: String, _ error: any Error, _ bytes: [UInt8], quoting: Bool
    ) -> PayloadError {
        let excerpt = quoting ? ". Payload (\(bytes.count) bytes): \(String(excerptOf: bytes, limit: 200))" : ""
        return PayloadError(
            "\(subject) does not decode: \(reason(error, quoting))\(excerpt)", decryption: error as? DecryptionError)
    }

    static func unencodable(_ subject: String, _ error: any Error, quoting: Bool) -> PayloadError {
        PayloadError("\(subject) does not encode: \(reason(error, quoting))")
    }

    static func tooLarge(_ subject: String, count: Int, limit: Int) -> PayloadError {
        PayloadError(
            """
            \(subject) is \(count) bytes; the limit is \(limit) bytes. Pass a reference to the data instead of the data, \
            or raise payloadLimit
            """)
    }

    private static func reason(_ error: any Error, _ quoting: Bool) -> String {
        // The keys of a dictionary are what the user gave.
        func field(_ path: [any CodingKey]) -> String {
            guard quoting else { return "a value" }
            return path.isEmpty
                ? "the value"
                : "field " + path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        // Foundation's descriptions are sentences, some with a period. They may quote the value.
        func plain(_ description: String) -> String {
            guard quoting else { return "it is invalid" }
            return description.hasSuffix(".") ? String(description.dropLast()) : description
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
        case let error as DecryptionError: error.message
        default: quoting ? "\(error)" : "it threw a \(type(of: error))"
        }
    }
}

/// What the server answered to one command.
public enum RedisReply: Sendable, Hashable {
    /// No value: a missing key, a blocking pop that found nothing, an aborted transaction.
    case null
    /// An integer.
    case integer(Int64)
    /// A bulk string: the content of a key, a field or a stream entry. Any bytes.
    case bytes([UInt8])
    /// A status line, such as `OK`.
    case status(String)
    /// An error. At the top level of ``RedisClient/send(_:timeout:)`` it is thrown instead.
    case error(RedisServerError)
    /// A list of replies, possibly empty.
    case array([RedisReply])
}

extension RedisReply: CustomStringConvertible {
    /// A short form for logs and failed tests: long strings are cut.
    public var description: String {
        switch self {
        case .null: "null"
        case .integer(let value): "\(value)"
        case .bytes(let bytes):
            if bytes.count <= 80, let text = String(validating: bytes, as: UTF8.self) {
                "\"\(text)\""
            } else {
                "<\(bytes.count) bytes>"
            }
        case .status(let text): text
        case .error(let error): "(error) \(error.message)"
        case .array(let elements): elements.description
        }
    }

    /// What kind of reply this is, as error messages name it.
    var kind: String {
        switch self {
        case .null: "null"
        case .integer: "an integer"
        case .bytes(let bytes): "a string of \(bytes.count) bytes"
        case .status: "a status"
        case .error(let error): "the error \"\(error.message)\""
        case .array(let elements): "an array of \(elements.count)"
        }
    }
}

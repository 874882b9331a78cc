/// An error that the Redis server answered, such as `WRONGTYPE Operation against a key holding the wrong kind of value`.
public struct RedisServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The whole line as the server wrote it, without the leading `-`.
    public let message: String

    /// An error with this whole line.
    public init(message: String) {
        self.message = message
    }

    /// The first word if it is written in capitals, as all of the server's own codes are (`ERR`, `WRONGTYPE`, `NOSCRIPT`);
    /// empty otherwise.
    public var code: String {
        let word = message.prefix { $0 != " " }
        let isCode = !word.isEmpty && word.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }
        return isCode ? String(word) : ""
    }

    /// The whole line as the server wrote it.
    public var description: String { message }
}

/// What a ``DataConverter`` that encrypts throws for bytes that it can't decrypt.
public struct DecryptionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The id of the key that is needed, if that is missing. Somebody else may have it: an activity whose input needs it
    /// goes back to its queue, and doesn't fail.
    public let missingKey: String?
    /// What happened, and what to do about it.
    public let message: String

    /// The message for a log.
    public var description: String { message }

    /// A key that isn't there.
    ///
    /// - Parameters:
    ///   - id: names the key.
    ///   - known: the ids of the keys that are there.
    public static func missingKey(_ id: String, known: [String]) -> DecryptionError {
        DecryptionError(
            missingKey: id,
            message: """
                it is encrypted with the key “\(id.printable)”, and there are only \(known.joined(separator: ", ")): give \
                the data converter that key, too
                """)
    }

    /// Bytes that nobody encrypted like that.
    public static func invalid(_ message: String) -> DecryptionError {
        DecryptionError(missingKey: nil, message: message)
    }
}

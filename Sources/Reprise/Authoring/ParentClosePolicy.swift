/// What becomes of a child workflow that is open when its parent closes, however the parent does. There may be more in later
/// versions.
public struct ParentClosePolicy: RawRepresentable, Codable, Hashable, Sendable, CustomStringConvertible {
    /// The stored word.
    public let rawValue: String
    /// Any word.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The stored word.
    public var description: String { rawValue }

    /// It is terminated, and by their policies its own children are. The default.
    public static let terminate = ParentClosePolicy(rawValue: "terminate")
    /// It is asked to end, see ``WorkflowHandle/cancel(reason:)``.
    public static let cancel = ParentClosePolicy(rawValue: "cancel")
    /// It goes on, and nobody hears of its end.
    public static let abandon = ParentClosePolicy(rawValue: "abandon")
}

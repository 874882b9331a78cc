/// A user and a password for the server.
public struct RedisCredentials: Sendable, Hashable {
    /// The ACL user; `nil` is the default user.
    public var username: String?
    /// The password.
    public var password: String

    /// Credentials of an ACL user, or of the default user.
    public init(username: String? = nil, password: String) {
        self.username = username
        self.password = password
    }
}

extension RedisCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The user without the password.
    public var description: String { "RedisCredentials(username: \(username ?? "default"), password: ***)" }

    /// The user without the password.
    public var debugDescription: String { description }

    /// Hides the password from `dump` as well.
    public var customMirror: Mirror { Mirror(self, children: ["username": username as Any]) }
}

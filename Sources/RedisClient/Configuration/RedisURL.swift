/// A Redis URL.
///
/// - `redis://[user[:password]@]host[:port][/database]`; `redis://:password@host` is the default user
/// - `rediss://…`: the same through TLS
/// - `redis+unix://[user[:password]@]/path[?db=number]`, or `unix://…`
///
/// User, password and path are percent-decoded; an IPv6 address stands in brackets.
public struct RedisURL: Sendable, Hashable {
    /// Where the server listens.
    public let endpoint: RedisEndpoint
    /// The user and the password, if there is a password.
    public let credentials: RedisCredentials?
    /// The database number, 0 if none is given.
    public let database: Int
    /// Whether the scheme is `rediss`.
    public let usesTLS: Bool

    /// Reads a URL.
    ///
    /// - Throws: ``RedisError/Code/invalidURL`` with a message that names the wrong part and quotes nothing that could be a
    ///   password; ``RedisError/Code/tlsUnavailable`` for `rediss://` in a build without TLS.
    public init(_ text: String) throws(RedisError) {
        guard let separator = text.firstRange(of: "://") else {
            throw Self.invalid("there is no scheme; it begins with redis://, rediss:// or redis+unix://")
        }
        let parts = Parts(text[separator.upperBound...])
        credentials = try Self.credentials(parts.userInfo)
        switch text[..<separator.lowerBound].lowercased() {
        case "redis":
            usesTLS = false
            (endpoint, database) = try Self.network(parts)
        case "rediss":
            #if TLS
                usesTLS = true
                (endpoint, database) = try Self.network(parts)
            #else
                throw RedisError.tlsUnavailable
            #endif
        case "redis+unix", "unix":
            usesTLS = false
            (endpoint, database) = try Self.unixSocket(parts)
        default:
            throw Self.invalid("the scheme is not redis, rediss, redis+unix or unix")
        }
    }

    private struct Parts {
        var userInfo: Substring?
        var host: Substring
        var path: Substring
        var query: Substring?
        /// An @ behind the host: most likely the password holds a character that ends the host.
        var suggestsEncoding: Bool

        init(_ rest: Substring) {
            let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
            let authority = rest[..<end]
            // The last @: hosts have none, and a password that was not encoded may.
            if let at = authority.lastIndex(of: "@") {
                userInfo = authority[..<at]
                host = authority[authority.index(after: at)...]
            } else {
                host = authority
            }
            path = rest[end...]
            suggestsEncoding = path.contains("@")
            if let mark = path.firstIndex(of: "?") {
                query = path[path.index(after: mark)...]
                path = path[..<mark]
            }
        }
    }

    private static func credentials(_ userInfo: Substring?) throws(RedisError) -> RedisCredentials? {
        guard let userInfo, !userInfo.isEmpty else { return nil }
        guard let colon = userInfo.firstIndex(of: ":") else {
            throw invalid("there is a user and no password; a password alone is written :password@")
        }
        let user = try decoded(userInfo[..<colon], "the user")
        let password = try decoded(userInfo[userInfo.index(after: colon)...], "the password")
        return RedisCredentials(username: user.isEmpty ? nil : user, password: password)
    }

    private static func network(_ parts: Parts) throws(RedisError) -> (RedisEndpoint, Int) {
        let hint =
            parts.suggestsEncoding
            ? "; in a user or a password, the characters / ? # @ are written %2F %3F %23 %40" : ""
        var host = parts.host
        var port: Substring?
        if host.first == "[" {
            guard let bracket = host.firstIndex(of: "]") else {
                throw invalid("the host's bracket is not closed\(hint)")
            }
            let rest = host[host.index(after: bracket)...]
            guard rest.isEmpty || rest.first == ":" else { throw invalid("text follows the host's bracket\(hint)") }
            port = rest.isEmpty ? nil : rest.dropFirst()
            host = host[host.index(after: host.startIndex)..<bracket]
        } else if let colon = host.firstIndex(of: ":") {
            port = host[host.index(after: colon)...]
            guard let port, !port.contains(":") else { throw invalid("an IPv6 address stands in brackets\(hint)") }
            host = host[..<colon]
        }
        guard !host.isEmpty else { throw invalid("the host is missing\(hint)") }
        var portNumber = RedisEndpoint.defaultPort
        if let port {
            guard let number = number(port), (1...65535).contains(number) else {
                throw invalid("the port is not a number between 1 and 65535\(hint)")
            }
            portNumber = number
        }
        var database = try databaseParameter(parts.query)
        let path = parts.path.dropFirst()
        if !path.isEmpty {
            guard let number = number(path) else { throw invalid("the database is not a number\(hint)") }
            database = number
        }
        return (.tcp(host: try decoded(host, "the host"), port: portNumber), database ?? 0)
    }

    private static func unixSocket(_ parts: Parts) throws(RedisError) -> (RedisEndpoint, Int) {
        guard parts.host.isEmpty else {
            throw invalid("a Unix socket has no host: its path begins with a third slash, as in redis+unix:///path")
        }
        guard parts.path.count > 1 else { throw invalid("the path of the Unix socket is missing") }
        return (.unixSocket(path: try decoded(parts.path, "the path")), try databaseParameter(parts.query) ?? 0)
    }

    private static func databaseParameter(_ query: Substring?) throws(RedisError) -> Int? {
        guard let query, !query.isEmpty else { return nil }
        guard query.hasPrefix("db="), let number = number(query.dropFirst(3)) else {
            throw invalid("only db=number may follow the question mark")
        }
        return number
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    private static func decoded(_ text: Substring, _ part: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.first != UInt8(ascii: "+"),
                let value = UInt8(String(Substring(digits)), radix: 16)
            else {
                throw invalid("a % in \(part) is not followed by two hexadecimal digits")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw invalid("\(part) is not UTF-8") }
        return decoded
    }

    private static func invalid(_ reason: String) -> RedisError {
        RedisError(.invalidURL, "not a Redis URL: \(reason)")
    }
}

extension RedisError {
    /// TLS was asked for in a build without it.
    static let tlsUnavailable = RedisError(
        .tlsUnavailable, "this build has no TLS: enable the package trait TLS, which is on by default")
}

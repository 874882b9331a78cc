/// Where a Redis server listens.
public enum RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A host name or an address (IPv6 without brackets), and a port.
    case tcp(host: String, port: Int)
    /// The path of a Unix domain socket.
    case unixSocket(path: String)

    /// The port on which Redis listens unless told otherwise: 6379.
    public static let defaultPort = 6379

    /// As messages name it: `host:port`, `[::1]:6379`, or the path of the socket.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}

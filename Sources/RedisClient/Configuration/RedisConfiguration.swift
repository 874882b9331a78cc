/// How to reach a server, and for how long to wait for it.
public struct RedisConfiguration: Sendable, Hashable {
    /// Where the server listens.
    public var endpoint: RedisEndpoint
    /// The user and the password; `nil` sends none. Default: `nil`.
    public var credentials: RedisCredentials?
    /// The database number. Default: 0.
    public var database: Int
    /// The name of the connections in `CLIENT LIST`; `nil` sets none. Default: `nil`. No spaces.
    public var clientName: String?
    /// TLS settings; `nil` connects without TLS. Default: `nil`.
    public var tls: RedisTLS?
    /// The time for one attempt: name look-up, TCP, TLS and authentication together. Default: 5 s.
    public var connectTimeout: Duration
    /// The time for one command, waiting for a connection included. Default: 10 s.
    ///
    /// A command that has been written and gets no reply in this time takes its connection with it: the server or the way
    /// to it is stuck. Others that wait on that connection fail with ``RedisError/Code/connectionLost``.
    public var commandTimeout: Duration
    /// How long to wait between attempts to connect.
    public var backoff: ReconnectBackoff
    /// How often an idle subscription connection asks the server whether it is still there; no answer until the next time
    /// closes it and subscribes again. Default: 10 s.
    public var keepAliveInterval: Duration
    /// How many messages wait for a slow consumer of one subscription before they are dropped. Default: 1,024.
    public var subscriptionBufferLimit: Int
    /// The longest string in a reply, in bytes; a longer one closes the connection. Default: 1 GB.
    public var maximumReplyBytes: Int

    /// The default settings for a server.
    public init(endpoint: RedisEndpoint = .tcp(host: "localhost", port: RedisEndpoint.defaultPort)) {
        self.endpoint = endpoint
        credentials = nil
        database = 0
        clientName = nil
        tls = nil
        connectTimeout = .seconds(5)
        commandTimeout = .seconds(10)
        backoff = ReconnectBackoff()
        keepAliveInterval = .seconds(10)
        subscriptionBufferLimit = 1024
        maximumReplyBytes = 1 << 30
    }

    /// The settings in a URL, the others at their defaults.
    ///
    /// - Throws: ``RedisError/Code/invalidURL``, or ``RedisError/Code/tlsUnavailable`` for `rediss://` in a build without
    ///   TLS.
    public init(url: String) throws(RedisError) {
        self.init(try RedisURL(url))
    }

    /// The settings in a URL, the others at their defaults.
    public init(_ url: RedisURL) {
        self.init(endpoint: url.endpoint)
        credentials = url.credentials
        database = url.database
        tls = url.usesTLS ? RedisTLS() : nil
    }
}

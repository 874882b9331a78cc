public import Logging
public import RedisClient
public import Reprise
import Synchronization

/// Runs, timers and queues in a Redis: one that persists (`appendonly yes`), version 6.2 or later, or Valkey.
///
/// It opens nothing until it is used, makes its connections again when they are lost, and writes only keys and channels
/// whose names begin with its namespace in braces.
///
/// ```swift
/// let backend = try RedisBackend(url: "redis://localhost", namespace: "billing")
/// ```
public final class RedisBackend: Backend {
    /// What its keys begin with, without the braces.
    public let namespace: String
    /// How long closed runs are kept. Each claim removes a few whose time is over.
    public let retention: Retention

    let client: RedisClient
    let keys: Keys
    let errors: ErrorMapping
    let runner: ScriptRunner
    let calls: WorkCalls
    let batchers: Batchers
    let scripts = Scripts.shared
    let logger: Logger
    let clock = ServerClock()
    let inboxes: Inboxes
    let replies: ReplyChannel

    /// A backend on the Redis at a URL.
    ///
    /// - Parameters:
    ///   - url: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS, or `unix:///path`.
    ///   - namespace: separates several users of one Redis. Not empty; no braces, blanks or control characters.
    ///   - tls: how a TLS connection is made, if not with the system's certificate authorities.
    ///   - retention: how long closed runs are kept.
    ///   - logger: hears of connections made and lost.
    /// - Throws: `misconfigured` if the URL or the namespace can't be used.
    public convenience init(
        url: String, namespace: String = "reprise", tls: RedisTLS? = nil, retention: Retention = Retention(),
        logger: Logger = Logger(label: "RepriseRedis")
    ) throws(BackendError) {
        var configuration: RedisConfiguration
        do throws(RedisError) {
            configuration = try RedisConfiguration(url: url)
        } catch {
            throw BackendError(.misconfigured, error.message)
        }
        if let tls { configuration.tls = tls }
        try self.init(configuration: configuration, namespace: namespace, retention: retention, logger: logger)
    }

    /// A backend on the Redis of a configuration.
    ///
    /// - Parameters:
    ///   - configuration: the server and how long to wait for it.
    ///   - namespace: separates several users of one Redis. Not empty; no braces, blanks or control characters.
    ///   - retention: how long closed runs are kept.
    ///   - logger: hears of connections made and lost.
    /// - Throws: `misconfigured` if the namespace can't be used.
    public init(
        configuration: RedisConfiguration, namespace: String = "reprise", retention: Retention = Retention(),
        logger: Logger = Logger(label: "RepriseRedis")
    ) throws(BackendError) {
        let isForbidden = { (scalar: Unicode.Scalar) in
            scalar == "{" || scalar == "}" || scalar.properties.isWhitespace || scalar.value < 0x20
                || scalar.value == 0x7F
        }
        guard !namespace.isEmpty, !namespace.unicodeScalars.contains(where: isForbidden) else {
            throw BackendError(
                .misconfigured,
                "the namespace “\(namespace)” can't be used: give one that isn't empty and has no braces, blanks or "
                    + "control characters")
        }
        self.namespace = namespace
        self.retention = retention
        self.logger = logger
        keys = Keys(namespace: namespace)
        errors = ErrorMapping(keys: keys)
        client = RedisClient(configuration: configuration, logger: logger)
        runner = ScriptRunner(client: client, keys: keys, errors: errors)
        inboxes = Inboxes(client: client, keys: keys, errors: errors, clock: clock)
        calls = WorkCalls(runner: runner, inboxes: inboxes, retention: retention)
        batchers = Batchers(runner: runner, calls: calls)
        replies = ReplyChannel(client: client, keys: keys, errors: errors)
    }

    /// The names of its scripts by their digests, for measurements.
    package static var scriptNames: [String: String] { Scripts.names }

    /// What its connections have done so far.
    public var statistics: RedisStatistics { client.statistics }

    /// Closes all connections. Calls that wait fail with `cancelled`, and so do later ones.
    public func shutdown() async {
        replies.close()
        await inboxes.close()
        await client.shutdown()
    }
}

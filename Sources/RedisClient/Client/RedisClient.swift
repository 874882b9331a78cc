public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOPosix

/// A client of one Redis server.
///
/// Commands of all tasks share one connection, on which they are pipelined: whatever is sent while the event loop is busy
/// goes out in one burst. Commands that block (`BLPOP`) would hold up all others and belong on a
/// ``dedicatedConnection()``; messages come through ``subscribe(to:)``.
///
/// A client opens nothing until it is used, and makes its connections again when they are lost. Commands sent while there is
/// no connection wait for one within their own time. No command is ever sent twice on its own account: when a connection
/// ends with a command outstanding, the caller learns from ``RedisError/mayHaveExecuted`` what is known about it. (The one
/// exception is a script that the server says it does not know: then nothing was executed.)
///
/// ```swift
/// let client = RedisClient(configuration: try RedisConfiguration(url: "redis://localhost"))
/// try await client.send(["SET", "greeting", "hello"])
/// let text = try await client.send(["GET", "greeting"]).asString
/// await client.shutdown()
/// ```
public final class RedisClient: Sendable {
    /// The settings that the client was made with.
    public let configuration: RedisConfiguration
    /// The event loop of all connections of this client. Timers on it run even when user code keeps all other threads busy.
    public let eventLoop: any EventLoop

    private let connector: Connector
    private let counters = StatisticsCounters()
    private let logger: Logger
    let port: CommandPort
    private let subscriptions: SubscriptionPort
    private let dedicated = NIOLockedValueBox<DedicatedConnections>(DedicatedConnections())

    /// A client, which opens nothing yet.
    ///
    /// - Parameters:
    ///   - configuration: the server and how long to wait for it.
    ///   - eventLoopGroup: gives the client its event loop; `nil` takes NIO's process-wide group.
    ///   - logger: hears of connections made and lost: at debug level; that of subscriptions lost, at notice level.
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "RedisClient")
    ) {
        self.configuration = configuration
        self.logger = logger
        eventLoop = (eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton).next()
        connector = Connector(configuration: configuration, eventLoop: eventLoop)
        port = CommandPort(
            connector: connector, statistics: counters, cancellationPolicy: .swallowReply, logger: logger)
        subscriptions = SubscriptionPort(connector: connector, statistics: counters, logger: logger)
    }

    /// Makes the connection now, with one attempt, and checks that the server answers.
    ///
    /// There is no need to call it: commands connect by themselves, and try again for as long as they have time. This fails
    /// at the first obstacle, for programs that want to say at their start that the server cannot be reached.
    public func connect() async throws(RedisError) {
        // More time than one attempt has, which ends by itself and knows better why.
        let reply = try await port.send(["PING"], timeout: configuration.connectTimeout * 2, failsFast: true)
        if case .error(let error) = reply { throw RedisError(server: error) }
    }

    /// Sends one command and returns the server's reply.
    ///
    /// Cancellation of the task returns at once; if the command had been written, its reply is swallowed when it comes.
    ///
    /// - Parameters:
    ///   - command: the command, not one that blocks.
    ///   - timeout: the time for all of it, waiting for a connection included; `nil` takes
    ///     ``RedisConfiguration/commandTimeout``.
    /// - Throws: what the server answered if that is an error, or why there is no answer.
    @discardableResult
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisReply {
        try await port.sendResolvingScript(command, timeout: timeout)
    }

    /// Sends commands next to one another, in order and in one flush, and returns the reply to each.
    ///
    /// It is no transaction: other clients' commands may run in between. An error that the server answers to one of them is
    /// that element, ``RedisReply/error(_:)``, and does not concern the others. Calls of scripts that the server does not
    /// know are sent again with their source after all others were answered, in their order.
    ///
    /// - Parameters:
    ///   - commands: the commands, none that blocks. Empty: nothing is sent.
    ///   - timeout: the time for all of it, waiting for a connection included; `nil` takes
    ///     ``RedisConfiguration/commandTimeout``.
    /// - Throws: why there are no answers.
    @discardableResult
    public func pipeline(_ commands: [RedisCommand], timeout: Duration? = nil) async throws(RedisError) -> [RedisReply]
    {
        try await port.pipelineResolvingScripts(commands, timeout: timeout)
    }

    /// Calls a script by its digest; when the server does not know it, once more with its source.
    ///
    /// - Throws: what the script or the server answered if that is an error, or why there is no answer.
    @discardableResult
    public func eval(
        _ script: RedisScript, keys: [String] = [], arguments: [any RedisArgument] = [], timeout: Duration? = nil
    ) async throws(RedisError) -> RedisReply {
        try await send(script.call(keys: keys, arguments: arguments), timeout: timeout)
    }

    /// What the client has done so far.
    public var statistics: RedisStatistics { counters.reading }

    // MARK: Dedicated connections

    /// A connection of its own, for commands that block. It opens nothing until it is used; close it when it is no longer
    /// needed (dropping it closes it too).
    public func dedicatedConnection() -> RedisDedicatedConnection {
        let port = CommandPort(
            connector: connector, statistics: counters, cancellationPolicy: .closeConnection, logger: logger)
        let isAccepted = dedicated.withLockedValue { $0.add(port) }
        return RedisDedicatedConnection(port: port, isClosed: !isAccepted)
    }

    /// Runs a closure with a connection of its own, which is closed when the closure returns.
    public func withDedicatedConnection<Result, Failure: Error>(
        _ body: (RedisDedicatedConnection) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let connection = dedicatedConnection()
        do throws(Failure) {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }

    // MARK: Subscriptions

    /// The messages published on a channel. All subscriptions of a client share one connection, opened with the first.
    public func subscribe(to channel: String) -> RedisSubscription {
        RedisSubscription(channel: channel, port: subscriptions, isBestEffort: false)
    }

    /// The messages published on a channel, for a consumer that learns by other means what it missed: nothing is sent to find out
    /// whether a server that is silent is still there.
    package func subscribe(atBestEffortTo channel: String) -> RedisSubscription {
        RedisSubscription(channel: channel, port: subscriptions, isBestEffort: true)
    }

    // MARK: Shutting down

    /// Closes all connections, and returns when they are closed.
    ///
    /// Commands that have been written may still get their replies, within their time; those not yet written, those on
    /// dedicated connections, and later ones fail with ``RedisError/Code/clientShutDown``. Subscriptions end.
    public func shutdown() async {
        let ports = dedicated.withLockedValue { $0.close() }
        await withTaskGroup { group in
            for port in ports { group.addTask { await port.shutDown(.shutDown, finishes: false) } }
        }
        await subscriptions.shutDown()
        await port.shutDown(.shutDown, finishes: true)
    }
}

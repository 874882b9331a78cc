/// A connection that is not shared, for commands that block.
///
/// It opens nothing until it is used, and connects again at the next command after it was lost. Use it for one command at a
/// time: others would wait behind one that blocks.
///
/// ```swift
/// let wake = try await connection.send(["BLPOP", "inbox", 5], timeout: .seconds(10))
/// ```
public final class RedisDedicatedConnection: Sendable {
    private let port: CommandPort
    private let isClosed: Bool

    init(port: CommandPort, isClosed: Bool) {
        self.port = port
        self.isClosed = isClosed
    }

    /// Sends one command and returns the server's reply.
    ///
    /// Cancellation of the task returns at once and closes the connection if the command had been written. An element that
    /// the server had just popped for it is then lost: ``RedisError/mayHaveExecuted`` is true.
    ///
    /// - Parameters:
    ///   - command: the command, which may block.
    ///   - timeout: how long this side waits, connecting included: longer than the command itself blocks, so that a server
    ///     that has silently gone is noticed. `nil` takes ``RedisConfiguration/commandTimeout``.
    /// - Throws: what the server answered if that is an error, or why there is no answer. After
    ///   ``RedisError/Code/timedOut`` the connection is closed, and the next command makes a new one.
    @discardableResult
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisReply {
        guard !isClosed else { throw .shutDown }
        return try await port.sendResolvingScript(command, timeout: timeout)
    }

    /// Sends one command, and calls back with what ``send(_:timeout:)`` returns or throws: no task need be started or woken for it.
    ///
    /// - Parameter whenDone: is called once, from the event loop, which it must not hold up, or at once if nothing can be sent. It
    ///   keeps the connection alive.
    package func send(
        _ command: RedisCommand, timeout: Duration,
        whenDone: @escaping @Sendable (Result<RedisReply, RedisError>) -> Void
    ) {
        guard !isClosed else { return whenDone(.failure(.shutDown)) }
        port.send(command, timeout: timeout) { [self] outcome in
            withExtendedLifetime(self) {
                whenDone(
                    outcome.flatMap { reply in
                        reply.serverError.map { .failure(RedisError(server: $0)) } ?? .success(reply)
                    })
            }
        }
    }

    /// Sends commands next to one another, in order and in one flush, and returns the reply to each.
    ///
    /// - Throws: why there are no answers; an error that the server answers to one command is that element.
    @discardableResult
    public func pipeline(_ commands: [RedisCommand], timeout: Duration? = nil) async throws(RedisError) -> [RedisReply]
    {
        guard !isClosed else { throw .shutDown }
        return try await port.pipelineResolvingScripts(commands, timeout: timeout)
    }

    /// Closes the connection, and returns when it is closed. A command that waits fails with
    /// ``RedisError/Code/clientShutDown``, and so do later ones.
    public func close() async {
        await port.shutDown(.dedicatedConnectionClosed, finishes: false)
    }
}

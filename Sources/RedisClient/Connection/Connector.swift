import NIOCore
import NIOPosix

/// Opens sockets for the connections of one client, and says in its words why that failed.
final class Connector: Sendable {
    let configuration: RedisConfiguration
    let eventLoop: any EventLoop
    private let tls: TLSContextCache

    init(configuration: RedisConfiguration, eventLoop: any EventLoop) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        tls = TLSContextCache(eventLoop: eventLoop)
    }

    /// Connects once. On the event loop; the result comes there too.
    func connect(_ connection: Connection) -> EventLoopFuture<any Channel> {
        let handler = NIOLoopBound(connection, eventLoop: eventLoop)
        guard let settings = configuration.tls else {
            return open { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
        }
        let serverName = settings.serverName ?? configuration.hostForTLS
        return tls.context(for: settings).flatMap { context in
            self.open { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try context.addHandler(to: pipeline, serverName: serverName)
                    try pipeline.addHandler(handler.value)
                }
            }
        }
    }

    private func open(
        _ initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(clamping: configuration.connectTimeout))
            .channelInitializer(initializer)
        switch configuration.endpoint {
        case .tcp(let host, let port):
            let tcp =
                bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
            return TCPKeepAlive.options
                .reduce(tcp) { $0.channelOption(.tcpOption($1.option), value: $1.value) }
                .connect(host: host, port: port)
        case .unixSocket(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    // MARK: Words

    /// Why an attempt to connect failed.
    func connectFailure(_ error: any Error) -> RedisError {
        if let error = error as? RedisError { return error }
        if let error = TLSContext.failure(error, endpoint: configuration.endpoint) { return error }
        var reason = "\(error)"
        if let error = error as? NIOConnectionError {
            let causes =
                error.connectionErrors.map { "\($0.error)" }
                + [error.dnsAError, error.dnsAAAAError].compactMap { error in error.map { "name look-up: \($0)" } }
            reason = causes.first ?? "no address"
        }
        return RedisError(.connectionFailed, "cannot connect to \(configuration.endpoint): \(reason)")
    }

    /// Why an open connection failed, or one whose opening was not finished.
    func transportFailure(_ error: any Error, wasReady: Bool) -> RedisError {
        if !wasReady, let error = TLSContext.failure(error, endpoint: configuration.endpoint) { return error }
        return connectionLost("\(error)", wasReady: wasReady)
    }

    func connectionLost(_ reason: String, wasReady: Bool) -> RedisError {
        wasReady
            ? RedisError(.connectionLost, "the connection to \(configuration.endpoint) ended: \(reason)")
            : RedisError(
                .connectionFailed, "cannot connect to \(configuration.endpoint): ended before it was ready: \(reason)")
    }
}

extension RedisConfiguration {
    /// The host, unless it is an address: TLS knows those by the connection itself.
    fileprivate var hostForTLS: String? {
        guard case .tcp(let host, _) = endpoint, (try? SocketAddress(ipAddress: host, port: 0)) == nil else {
            return nil
        }
        return host
    }
}

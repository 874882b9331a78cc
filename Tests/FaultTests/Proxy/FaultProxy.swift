import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A TCP proxy in front of a Redis, which disturbs the connections that go through it.
final class FaultProxy: Sendable {
    /// What is done to a connection; they are counted from 0.
    typealias Plan = @Sendable (_ connection: Int) -> Disturbance

    private struct State {
        var plan: Plan
        var point: KillPoint?
        var accepted = 0
        var cuts = 0
        var isReached = false
    }

    /// The connections: touched on the event loop only.
    private final class Connections {
        var all: [ObjectIdentifier: ProxyConnection] = [:]
    }

    private let eventLoop: any EventLoop
    private let target: Int
    private let state: NIOLockedValueBox<State>
    private let connections: NIOLoopBound<Connections>
    private let listener = NIOLockedValueBox<(any Channel)?>(nil)

    /// Starts one in front of a port of this machine.
    static func start(to port: Int, _ plan: @escaping Plan = { _ in .none }) async throws -> FaultProxy {
        let proxy = await FaultProxy(to: port, plan)
        let listener = try await ServerBootstrap(group: proxy.eventLoop)
            .serverChannelOption(.backlog, value: 128)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try proxy.accept(channel) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        proxy.listener.withLockedValue { $0 = listener }
        return proxy
    }

    private init(to port: Int, _ plan: @escaping Plan) async {
        target = port
        state = NIOLockedValueBox(State(plan: plan))
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        self.eventLoop = eventLoop
        connections = try! await eventLoop.submit { NIOLoopBound(Connections(), eventLoop: eventLoop) }.get()
    }

    var url: String { "redis://127.0.0.1:\(listener.withLockedValue { $0?.localAddress?.port } ?? 0)" }
    /// How many connections there have been.
    var accepted: Int { state.withLockedValue { $0.accepted } }
    /// Whether the kill point was reached. Since then nothing passes.
    var isReached: Bool { state.withLockedValue { $0.isReached } }

    /// Treats the connections that come from now on by another plan.
    func use(_ plan: @escaping Plan) { state.withLockedValue { $0.plan = plan } }

    /// Stops everything at a kill point, on the connections that come from now on.
    func stop(at point: KillPoint) { state.withLockedValue { $0.point = point } }

    /// Cuts all connections.
    func cutAll() { onLoop { connections in connections.all.values.forEach { $0.end() } } }

    /// Cuts all connections, with what waits at the kill point; those that come from now on are left alone.
    func cutAndGoOn() {
        state.withLockedValue { $0.point = nil }
        cutAll()
    }

    /// Lets everything pass, also what waited at the kill point.
    func release() {
        state.withLockedValue { $0.point = nil }
        onLoop { connections in connections.all.values.forEach { $0.release() } }
    }

    func stop() async {
        try? await listener.withLockedValue { $0.take() }?.close()
        cutAll()
    }

    private func accept(_ channel: any Channel) throws {
        let (disturbance, point, isReached) = state.withLockedValue { state in
            defer { state.accepted += 1 }
            return (state.plan(state.accepted), state.point, state.isReached)
        }
        let connection = ProxyConnection(channel, disturbance)
        let id = ObjectIdentifier(connection)
        connections.value.all[id] = connection
        connection.whenEnded = { [connections] in connections.value.all[id] = nil }
        if isReached, point != nil {
            connection.stop()
        } else if let point {
            connection.watch(for: point)
            connection.whenReached = { [weak self] in self?.reached(by: connection) }
        }
        try connection.open(to: target)
    }

    private func reached(by connection: ProxyConnection) {
        state.withLockedValue { $0.isReached = true }
        for other in connections.value.all.values where other !== connection { other.stop() }
    }

    private func onLoop(_ body: @escaping @Sendable (Connections) -> Void) {
        eventLoop.execute { [connections] in body(connections.value) }
    }
}

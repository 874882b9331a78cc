import NIOCore
import NIOPosix

/// A connection through a proxy: one channel to the client and one to the server, and what goes either way. Everything
/// happens on its event loop.
final class ProxyConnection {
    /// Called when the kill point is reached.
    var whenReached: (() -> Void)?
    var whenEnded: (() -> Void)?
    private let eventLoop: any EventLoop
    private let client: any Channel
    private var server: (any Channel)?
    private var requests: ProxyStream!
    private var replies: ProxyStream!
    private var hasEnded = false

    init(_ client: any Channel, _ disturbance: Disturbance) {
        self.client = client
        eventLoop = client.eventLoop
        requests = ProxyStream(disturbance.requests, eventLoop: eventLoop) { [weak self] in self?.end() }
        replies = ProxyStream(disturbance.replies, eventLoop: eventLoop) { [weak self] in self?.end() }
    }

    func open(to port: Int) throws {
        try client.pipeline.syncOperations.addHandler(requests)
        let replies = NIOLoopBound(replies!, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(replies.value)
                }
            }
            .connect(host: "127.0.0.1", port: port).assumeIsolated().whenComplete { [self] result in
                guard !hasEnded, case .success(let server) = result else {
                    if case .success(let server) = result { server.close(promise: nil) }
                    return end()
                }
                self.server = server
                replies.value.destination = client
                requests.destination = server
            }
    }

    /// Ends it on both sides.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        client.close(promise: nil)
        server?.close(promise: nil)
        whenEnded?()
    }

    // MARK: Kill points

    /// Stops everything at the first call of a kind.
    func watch(for point: KillPoint) {
        var sent = 0
        var replied = 0
        var awaited: Int?
        requests.gate = { [self] message in
            sent += 1
            guard awaited == nil, point.call.matches(MessageFramer.words(of: message, limit: 15)) else { return .pass }
            awaited = sent
            switch point.moment {
            case .unsent:
                reached()
                return .hold
            case .unanswered: return .passLast
            case .answered: return .pass
            }
        }
        replies.gate = { [self] _ in
            replied += 1
            guard replied == awaited else { return .pass }
            reached()
            return point.moment == .unanswered ? .hold : .passLast
        }
    }

    /// Lets nothing pass.
    func stop() {
        requests.gate = { _ in .hold }
        replies.gate = { _ in .hold }
    }

    /// Lets everything pass, also what waits.
    func release() {
        requests.release()
        replies.release()
    }

    private func reached() {
        requests.gate = { _ in .hold }
        whenReached?()
        whenReached = nil
    }
}

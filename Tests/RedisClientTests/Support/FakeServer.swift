import NIOCore
import NIOPosix

/// A server that answers what it reads with the given texts, one after the other on each connection, and then no more; or
/// that closes each connection at once.
final class FakeServer: Sendable {
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }

    private init(_ channel: any Channel) {
        self.channel = channel
    }

    static func start(answering texts: [String], closesAtOnce: Bool = false) async throws -> FakeServer {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(texts, closesAtOnce: closesAtOnce))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FakeServer(channel)
    }

    func stop() async throws {
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private var texts: ArraySlice<String>
        private let closesAtOnce: Bool

        init(_ texts: [String], closesAtOnce: Bool) {
            self.texts = texts[...]
            self.closesAtOnce = closesAtOnce
        }

        func channelActive(context: ChannelHandlerContext) {
            if closesAtOnce { context.close(promise: nil) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard let text = texts.popFirst() else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}

import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RedisTestServer

/// Watches what scripts write (`MONITOR`), for deaths of workers that they count.
final class DeathWatch: Sendable {
    private let channel: any Channel
    private let found: NIOLockedValueBox<[String]>

    /// The lines in which a death was written.
    var deaths: [String] { found.withLockedValue { $0 } }

    init(_ server: RedisTestServer) async throws {
        let found = NIOLockedValueBox<[String]>([])
        self.found = found
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(found))
                }
            }
            .connect(host: "127.0.0.1", port: server.port).get()
        try await channel.writeAndFlush(ByteBuffer(string: "MONITOR\r\n"))
    }

    func stop() async { try? await channel.close() }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let found: NIOLockedValueBox<[String]>
        private var rest = ""

        init(_ found: NIOLockedValueBox<[String]>) { self.found = found }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            rest += String(buffer: unwrapInboundIn(data))
            while let end = rest.firstIndex(of: "\r\n") {
                let line = String(rest[..<end])
                if Self.countsDeath(line) { found.withLockedValue { $0.append(line) } }
                rest.removeSubrange(...end)
            }
        }

        private static func countsDeath(_ line: String) -> Bool {
            func words(after start: String) -> [Substring] {
                guard let range = line.firstRange(of: start) else { return [] }
                return line[range.upperBound...].prefix { $0 != "\"" }.split(separator: " ")
            }
            // A run's failures, deaths and blocked activities; an activity's state, attempt, deliveries and deaths.
            let run = words(after: "\"trouble\" \"")
            let activity = line.contains(":ops:") ? words(after: " \"a ") : []
            return run.count == 3 && run[1] != "0" || activity.count > 4 && activity[3] != "0"
        }
    }
}

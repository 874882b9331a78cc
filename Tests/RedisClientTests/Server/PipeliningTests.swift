import Dispatch
import NIOCore
import NIOPosix
import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Pipelining, with a server", .serialized, .timeLimit(.minutes(2))) struct PipeliningTests {
    @Test func `10,000 concurrent commands each get their own reply, in few bursts`() async throws {
        try await withRedis { client, _ in
            try await client.connect()
            let before = client.statistics
            try await withThrowingTaskGroup { group in
                for number in 0..<10_000 {
                    group.addTask { try await client.send(["ECHO", number]).asInt == number }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
            let done = client.statistics - before
            #expect(done.commands == 10_000)
            #expect(done.flushes < 2_000, "\(done)")
        }
    }

    @Test func `Commands of one task keep their order`() async throws {
        try await withRedis { client, _ in
            for number in 1...500 {
                let length = try await client.send(["RPUSH", "list", number]).asInt
                #expect(length == number)
            }
        }
    }

    @Test func `A pipeline is written in one flush and answered in order`() async throws {
        try await withRedis { client, _ in
            try await client.connect()
            let before = client.statistics
            let replies = try await client.pipeline((0..<1000).map { ["ECHO", $0] })
            let numbers = try replies.map { try $0.asInt }
            #expect(numbers == Array(0..<1000))
            let done = client.statistics - before
            #expect(done.commands == 1000)
            #expect(done.flushes == 1)
            #expect(done.bytesSent > 1000 && done.bytesReceived > 1000)
        }
    }

    @Test func `All that is sent while the event loop is busy goes out in one flush`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await RedisTestServer.start()
        let client = RedisClient(
            configuration: RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: server.port)),
            eventLoopGroup: group)
        try await client.connect()
        let before = client.statistics
        let gate = DispatchSemaphore(value: 0)
        client.eventLoop.execute { gate.wait() }
        try await withThrowingTaskGroup { tasks in
            for _ in 0..<200 { tasks.addTask { try await client.send(["PING"]) } }
            try await eventually("all commands are handed in") { client.port.handedIn == 200 }
            gate.signal()
            try await tasks.waitForAll()
        }
        #expect((client.statistics - before).flushes == 1)
        #expect((client.statistics - before).commands == 200)
        await client.shutdown()
        await server.stop()
        try await group.shutdownGracefully()
    }

    @Test func `An error of one command does not concern the others of its pipeline`() async throws {
        try await withRedis { client, _ in
            let replies = try await client.pipeline([["SET", "a", "x"], ["INCR", "a"], ["NOSUCH"], ["GET", "a"]])
            #expect(replies[0] == .status("OK"))
            #expect(replies[1].serverError?.code == "ERR")
            #expect(replies[2].serverError?.code == "ERR")
            #expect(replies[3] == .bytes([0x78]))
            let error = await failure { try await client.send(["LPUSH", "a", "b"]) }
            #expect(error?.serverError?.code == "WRONGTYPE")
            #expect(error?.category == .server)
        }
    }

    @Test func `Nothing is opened before the first command, and an empty pipeline sends nothing`() async throws {
        try await withRedis { client, _ in
            #expect(try await client.pipeline([]).isEmpty)
            #expect(
                client.statistics
                    == RedisStatistics(commands: 0, flushes: 0, bytesSent: 0, bytesReceived: 0, connections: 0))
            try await client.send(["PING"])
            #expect(client.statistics.connections == 1)
        }
    }

    @Test func `Any bytes come back as they were sent, 64 MB of them too`() async throws {
        try await withRedis { client, _ in
            let small: [UInt8] = Array(0...255) + [13, 10, 0]
            try await client.send(RedisCommand("SET", small, small))
            #expect(try await client.send(RedisCommand("GET", small)).asBytes == small)
            let large = largeBytes(64 << 20)
            try await client.send(RedisCommand("SET", "large", large), timeout: .seconds(60))
            let isSame = try await client.send(["GET", "large"], timeout: .seconds(60)).asBytes == large
            #expect(isSame)
        }
    }

    @Test func `A reply that is nested too deeply is an error of the protocol, and the next command works`()
        async throws
    {
        try await withRedis { client, _ in
            let nested = "local t = 1; for i = 1, 9 do t = {t} end; return t"
            let error = await failure { try await client.send(["EVAL", nested, 0]) }
            #expect(error?.code == .protocolError)
            #expect(error?.mayHaveExecuted == true)
            let next = try await client.send(["PING"])
            #expect(next == .status("PONG"))
        }
    }

    @Test func `A command that would upset the order of replies is refused before it is sent`() async throws {
        try await withRedis { client, _ in
            let error = await failure { try await client.send(["SUBSCRIBE", "a"]) }
            #expect(error?.code == .invalidCommand)
            #expect(error?.category == .usage)
            #expect(client.statistics.commands == 0)
        }
    }
}

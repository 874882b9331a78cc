import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Lost connections, with a server", .serialized, .timeLimit(.minutes(2))) struct LossTests {
    @Test func `After the server was killed and started again, commands work`() async throws {
        try await withRedis(["--appendonly", "yes", "--appendfsync", "always"]) { client, server in
            try await client.send(["SET", "a", 1])
            await server.kill()
            // Before the client has noticed, a command could still be written to the dead connection.
            #expect(await failure { try await client.connect() }?.category == .connection)
            // Sent while there is no server: it waits for one.
            async let reply = client.send(["GET", "a"])
            try await server.restart()
            #expect(try await reply.asInt == 1)
            #expect(client.statistics.connections == 2)
        }
    }

    @Test func `A command that was written when the server died may have been executed`() async throws {
        try await withRedis { client, server in
            async let error = failure { try await client.send(["BLPOP", "nothing", 0], timeout: .seconds(60)) }
            let other = client.dedicatedConnection()
            try await eventually("the command is in the server") {
                try await other.send(["INFO", "clients"]).asString.contains("blocked_clients:1")
            }
            await server.kill()
            let lost = await error
            #expect(lost?.code == .connectionLost)
            #expect(lost?.mayHaveExecuted == true)
            #expect(lost?.category == .connection)
        }
    }

    @Test func `A command that was not written was not executed`() async throws {
        try await withRedis { client, server in
            try await client.connect()
            await server.kill()
            #expect(await failure { try await client.connect() }?.category == .connection, "the client has noticed")
            let error = await failure { try await client.send(["INCR", "a"], timeout: .milliseconds(200)) }
            #expect(error?.code == .connectionFailed)
            #expect(error?.mayHaveExecuted == false)
        }
    }

    @Test func `A stuck server ends the wait in time, and the command may have been executed`() async throws {
        try await withRedis { client, server in
            try await client.connect()
            try await server.suspend()
            async let patient = failure { try await client.send(["PING"], timeout: .seconds(30)) }
            let error = await failure { try await client.send(["INCR", "a"], timeout: .milliseconds(200)) }
            #expect(error?.code == .timedOut)
            #expect(error?.category == .timeout)
            #expect(error?.mayHaveExecuted == true)
            // The connection goes with it: it cannot be told whether it is alive.
            #expect(await patient?.code == .connectionLost)
            server.resume()
            #expect(try await client.send(["PING"]) == .status("PONG"))
            #expect(client.statistics.connections == 2)
        }
    }

    @Test func `A server that accepts and says nothing fails the attempt in time`() async throws {
        let server = try await FakeServer.start(answering: [])
        var configuration = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: server.port))
        configuration.connectTimeout = .milliseconds(100)
        let client = RedisClient(configuration: configuration)
        let error = await failure { try await client.connect() }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains("100 ms") == true, "\(error?.message ?? "")")
        await client.shutdown()
        try await server.stop()
    }

    @Test func `A server that accepts and closes is not called again at once`() async throws {
        let server = try await FakeServer.start(answering: [], closesAtOnce: true)
        var configuration = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: server.port))
        configuration.backoff = ReconnectBackoff(initial: .milliseconds(50), maximum: .milliseconds(100))
        let client = RedisClient(configuration: configuration)
        let error = await failure { try await client.send(["PING"], timeout: .seconds(1)) }
        #expect(error?.code == .connectionFailed)
        // Each attempt flushes once at the most: 1 s holds no more than 40 pauses of 25 ms.
        #expect(client.statistics.flushes <= 41, "\(client.statistics)")
        await client.shutdown()
        try await server.stop()
    }

    @Test(arguments: ["?\r\n", "+OK\r\n+UNASKED\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"])
    func `A server that does not keep to the protocol is an error, not a crash`(text: String) async throws {
        let server = try await FakeServer.start(answering: ["+PONG\r\n", text])
        let client = RedisClient(
            configuration: RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: server.port)))
        let replies = try? await client.pipeline([["PING"], ["PING"]])
        if let replies {
            // The second text holds two replies: nothing is wrong before a third comes.
            #expect(replies.count == 2)
            #expect(text.hasPrefix("+OK"))
        } else {
            let error = await failure { try await client.pipeline([["PING"], ["PING"]]) }
            #expect(error?.code == .protocolError)
            #expect(error?.category == .protocolViolation)
        }
        await client.shutdown()
        try await server.stop()
    }

    @Test(arguments: [["SET", "a", 1], ["EVAL", "return redis.call('SET', 'a', 1)", 0]] as [RedisCommand])
    func `A client whose primary became a replica connects anew`(write: RedisCommand) async throws {
        try await withRedis { client, _ in
            try await client.send(write)
            try await client.send(["REPLICAOF", "127.0.0.1", 1])
            let error = await failure { try await client.send(write) }
            #expect(error?.serverError?.message.contains("READONLY") == true, "\(String(describing: error))")
            // Where it leads to may be another server by now.
            try await client.send(["REPLICAOF", "NO", "ONE"])
            try await client.send(write)
            #expect(client.statistics.connections == 2)
        }
    }

    @Test func `A shut down client refuses commands and finishes those that were written`() async throws {
        try await withRedis { client, _ in
            let other = RedisClient(configuration: client.configuration)
            async let popped = other.send(["BLPOP", "list", 0], timeout: .seconds(60))
            try await eventually("it blocks") { try await client.blockedClients() == 1 }
            async let shutdown: Void = other.shutdown()
            try await eventually("it takes no more") {
                let task = Task { try await other.send(["PING"]) }
                task.cancel()
                return await failure { try await task.value }?.code == .clientShutDown
            }
            try await client.send(["RPUSH", "list", "last"])
            #expect(try await popped.element(1).asString == "last")
            await shutdown
            try await eventually("it is gone") {
                try await !client.send(["INFO", "clients"]).asString.contains("connected_clients:2")
            }
        }
    }

    @Test func `A client that is dropped closes its connection`() async throws {
        try await withRedis { client, _ in
            var other: RedisClient? = RedisClient(configuration: client.configuration)
            try await other?.connect()
            #expect(try await client.send(["INFO", "clients"]).asString.contains("connected_clients:2"))
            other = nil
            try await eventually("the server has one client") {
                try await client.send(["INFO", "clients"]).asString.contains("connected_clients:1")
            }
        }
    }
}

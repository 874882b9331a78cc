import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Dedicated connections, with a server", .serialized, .timeLimit(.minutes(2))) struct DedicatedConnectionTests {
    @Test func `A blocking pop is woken, and holds up no one else`() async throws {
        try await withRedis { client, _ in
            try await client.withDedicatedConnection { connection in
                async let popped = connection.send(["BLPOP", "list", 0], timeout: .seconds(60))
                try await eventually("it blocks") { try await client.blockedClients() == 1 }
                try await client.send(["RPUSH", "list", "element"])
                #expect(try await popped.element(1).asString == "element")
                #expect(try await connection.send(["BLPOP", "list", 0.01], timeout: .seconds(60)).isNull)
            }
        }
    }

    @Test func `A blocking pop that is cancelled ends at once, in the server too`() async throws {
        try await withRedis { client, _ in
            let connection = client.dedicatedConnection()
            let task = Task { try await connection.send(["BLPOP", "list", 0], timeout: .seconds(3600)) }
            try await eventually("it blocks") { try await client.blockedClients() == 1 }
            task.cancel()
            let error = await failure { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(error?.mayHaveExecuted == true)
            try await eventually("the server knows") { try await client.blockedClients() == 0 }
            #expect(try await connection.send(["ECHO", "again"]).asString == "again")
            await connection.close()
        }
    }

    @Test func `A server that is gone silently ends a blocking pop at its deadline`() async throws {
        try await withRedis { client, server in
            let connection = client.dedicatedConnection()
            try await connection.send(["PING"])
            try await server.suspend()
            let error = await failure { try await connection.send(["BLPOP", "list", 0], timeout: .milliseconds(200)) }
            #expect(error?.code == .timedOut)
            server.resume()
            #expect(try await connection.send(["PING"]) == .status("PONG"))
        }
    }

    @Test func `Closing ends a blocking pop and refuses later commands`() async throws {
        try await withRedis { client, _ in
            let connection = client.dedicatedConnection()
            async let error = failure { try await connection.send(["BLPOP", "list", 0], timeout: .seconds(60)) }
            try await eventually("it blocks") { try await client.blockedClients() == 1 }
            await connection.close()
            #expect(await error?.code == .clientShutDown)
            #expect(await failure { try await connection.send(["PING"]) }?.code == .clientShutDown)
        }
    }

    @Test func `Shutting the client down ends its dedicated connections`() async throws {
        try await withRedis { client, _ in
            let other = RedisClient(configuration: client.configuration)
            let connection = other.dedicatedConnection()
            async let error = failure { try await connection.send(["BLPOP", "list", 0], timeout: .seconds(60)) }
            try await eventually("it blocks") { try await client.blockedClients() == 1 }
            await other.shutdown()
            #expect(await error?.code == .clientShutDown)
            #expect(await failure { try await other.dedicatedConnection().send(["PING"]) }?.code == .clientShutDown)
        }
    }

    @Test
    func `A blocking pop calls back once, with its reply, with an error of the server, and when its connection ends`()
        async throws
    {
        try await withRedis { client, server in
            // Nothing else keeps it.
            var connection: RedisDedicatedConnection? = client.dedicatedConnection()
            let (outcomes, heard) = AsyncStream.makeStream(of: Result<RedisReply, RedisError>.self)
            var heardOf = outcomes.makeAsyncIterator()
            connection?.send(["BLPOP", "list", 0], timeout: .seconds(60)) { heard.yield($0) }
            try await eventually("it blocks") { try await client.blockedClients() == 1 }
            connection = nil
            try await client.send(["RPUSH", "list", "element"])
            #expect(try await heardOf.next()?.get().element(1).asString == "element")

            let other = client.dedicatedConnection()
            try await client.send(["SET", "text", "x"])
            other.send(["BLPOP", "text", 0], timeout: .seconds(60)) { heard.yield($0) }
            let refused = await heardOf.next()
            #expect(await failure { try refused?.get() }?.serverError?.code == "WRONGTYPE")
            try await server.suspend()
            other.send(["BLPOP", "list", 0], timeout: .milliseconds(200)) { heard.yield($0) }
            let late = await heardOf.next()
            #expect(await failure { try late?.get() }?.code == .timedOut)
            server.resume()
            await other.close()
            other.send(["BLPOP", "list", 0], timeout: .seconds(60)) { heard.yield($0) }
            let closed = await heardOf.next()
            #expect(await failure { try closed?.get() }?.code == .clientShutDown)
            heard.finish()
            #expect(await heardOf.next() == nil)
        }
    }
}

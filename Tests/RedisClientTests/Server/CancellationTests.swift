import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Cancellation, with a server", .serialized, .timeLimit(.minutes(2))) struct CancellationTests {
    @Test func `A cancelled waiter returns at once, and the others keep their replies`() async throws {
        try await withRedis { client, server in
            try await client.connect()
            let before = client.statistics
            try await server.suspend()
            let first = Task { try await client.send(["ECHO", "first"]) }
            let cancelled = Task { try await client.pipeline([["ECHO", "second"], ["ECHO", "third"]]) }
            let last = Task { try await client.send(["ECHO", "last"]) }
            try await eventually("all are written") { (client.statistics - before).commands == 4 }
            cancelled.cancel()
            let error = await failure { try await cancelled.value }
            #expect(error?.code == .cancelled)
            #expect(error?.category == .cancelled)
            #expect(error?.mayHaveExecuted == true)
            server.resume()
            #expect(try await first.value.asString == "first")
            #expect(try await last.value.asString == "last")
            #expect(client.statistics.connections == 1)
        }
    }

    @Test func `A waiter for a connection that is cancelled has sent nothing`() async throws {
        var configuration = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: 1))
        configuration.commandTimeout = .seconds(60)
        let client = RedisClient(configuration: configuration)
        let task = Task { try await client.send(["INCR", "a"]) }
        // Cancelled before it runs, while it is handed in, or while it waits: the answer is the same.
        for _ in 0..<Int.random(in: 0..<20) { await Task.yield() }
        task.cancel()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(error?.mayHaveExecuted == false)
        await client.shutdown()
    }

    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func `Shutting down waits for no reply that nobody waits for`(isCancelledBefore: Bool) async throws {
        try await withRedis { client, server in
            try await client.connect()
            let before = client.statistics
            try await server.suspend()
            let command = Task { try await client.send(["ECHO", "a"]) }
            try await eventually("it is written") { (client.statistics - before).commands == 1 }
            if isCancelledBefore {
                command.cancel()
                _ = await failure { try await command.value }
            }
            let shutdown = Task { await client.shutdown() }
            for _ in 0..<100 { await Task.yield() }
            command.cancel()
            await shutdown.value
            server.resume()
        }
    }

    @Test func `A thousand cancellations at any moment leave the order of replies as it was`() async throws {
        try await withRedis { client, _ in
            await withTaskGroup { group in
                for number in 0..<2000 {
                    group.addTask {
                        let task = Task { try await client.send(["ECHO", number]).asInt }
                        if number % 2 == 0 {
                            for _ in 0..<(number % 7) { await Task.yield() }
                            task.cancel()
                        }
                        switch await task.result {
                        case .success(let echo): #expect(echo == number)
                        case .failure(let error): #expect((error as? RedisError)?.code == .cancelled)
                        }
                    }
                }
            }
            let end = try await client.send(["ECHO", "end"]).asString
            #expect(end == "end")
            #expect(client.statistics.connections == 1)
        }
    }
}

import Logging
import RedisTestServer
import Testing

@testable import RedisClient

/// Runs a test with a server of its own and a client of it, and leaves neither behind.
func withRedis(
    _ arguments: [String] = [],
    tls: Bool = false,
    configure: (inout RedisConfiguration, RedisTestServer) -> Void = { _, _ in },
    _ body: (RedisClient, RedisTestServer) async throws -> Void
) async throws {
    let server = try await RedisTestServer.start(arguments, tls: tls)
    var configuration = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: server.port))
    configure(&configuration, server)
    let client = RedisClient(configuration: configuration)
    do {
        try await body(client, server)
    } catch {
        await client.shutdown()
        await server.stop()
        throw error
    }
    await client.shutdown()
    await server.stop()
}

/// Waits for something to become true.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("waited in vain until \(what)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        await Task.yield()
    }
}

/// The error that a command fails with.
func failure<Value>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Value
) async -> RedisError? {
    do {
        let value = try await body()
        Issue.record("it did not fail but returned \(value)", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error as? RedisError
    }
}

extension RedisClient {
    /// How many clients wait in a blocking command.
    func blockedClients() async throws -> Int {
        let info = try await send(["INFO", "clients"]).asString
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("blocked_clients:") }
        return Int(line?.dropFirst("blocked_clients:".count) ?? "") ?? 0
    }
}

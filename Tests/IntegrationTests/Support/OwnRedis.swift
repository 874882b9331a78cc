import Foundation
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

/// A Redis of one test alone, which may change its settings and look at all of it.
struct OwnRedis: Sendable {
    let server: RedisTestServer
    let backend: RedisBackend
    let redis: RedisClient
    var site: Site { Site(backend: backend) }
    var client: WorkflowClient { WorkflowClient(backend: backend) }

    /// Runs a test with a server, then checks the invariants.
    static func with(
        _ options: [String] = [], retention: Retention = Retention(), _ body: (OwnRedis) async throws -> Void
    ) async throws {
        let server = try await RedisTestServer.start(options)
        let own = OwnRedis(
            server: server,
            backend: try RedisBackend(url: server.url, namespace: "own", retention: retention, logger: Site.quiet),
            redis: RedisClient(configuration: try RedisConfiguration(url: server.url)))
        do {
            try await body(own)
            #expect(try await own.backend.checkInvariants() == [])
            await own.stop()
        } catch {
            await own.stop()
            throw error
        }
    }

    private func stop() async {
        await backend.shutdown()
        await redis.shutdown()
        await server.stop()
    }

    /// A number of `INFO memory`.
    func memory(_ name: String = "used_memory") async throws -> Int {
        let text = try await redis.send(["INFO", "memory"]).asString
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }
        return Int(line?.dropFirst(name.utf8.count + 1) ?? "") ?? 0
    }

    func setMaxmemory(_ bytes: Int) async throws {
        try await redis.send(["CONFIG", "SET", "maxmemory", bytes])
    }

    /// How many members a sorted set of the namespace has.
    func count(_ key: String) async throws -> Int {
        try await redis.send(["ZCARD", "{own:0}:\(key)"]).asInt
    }
}

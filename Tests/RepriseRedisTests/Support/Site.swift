import Foundation
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

/// A private Redis and a backend on it, for one test.
final class Site: Sendable {
    let server: RedisTestServer
    let backend: RedisBackend
    /// Sees all keys, whatever the backend's user may see.
    let redis: RedisClient

    private init(server: RedisTestServer, backend: RedisBackend, redis: RedisClient) {
        self.server = server
        self.backend = backend
        self.redis = redis
    }

    /// Runs a test with a site of its own, then checks the invariants and stops the server.
    static func with(
        _ options: [String] = [], namespace: String = "test", retention: Retention = Retention(),
        checksInvariants: Bool = true, _ body: (Site) async throws -> Void
    ) async throws {
        let server = try await RedisTestServer.start(options)
        let site = Site(
            server: server,
            backend: try RedisBackend(url: server.url, namespace: namespace, retention: retention),
            redis: RedisClient(configuration: try RedisConfiguration(url: server.url)))
        do {
            try await body(site)
            if checksInvariants { #expect(try await site.backend.checkInvariants() == []) }
            await site.stop()
        } catch {
            await site.stop()
            throw error
        }
    }

    private func stop() async {
        await backend.shutdown()
        await redis.shutdown()
        await server.stop()
    }

    /// Another backend on the same Redis, as another process has it.
    func anotherBackend(retention: Retention = Retention()) throws -> RedisBackend {
        try RedisBackend(url: server.url, namespace: backend.namespace, retention: retention)
    }

    /// All keys of the server.
    func allKeys() async throws -> [String] {
        try await redis.send(["KEYS", "*"]).asArray.map { try $0.asString }.sorted()
    }

    /// A number of `INFO`.
    func info(_ section: String, _ name: String) async throws -> Int {
        let text = try await redis.send(["INFO", section]).asString
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }
        return Int(line?.dropFirst(name.utf8.count + 1) ?? "") ?? 0
    }

    /// How often each command ran, those inside scripts included.
    func commandCounts() async throws -> [String: Int] {
        let text = try await redis.send(["INFO", "commandstats"]).asString
        var counts: [String: Int] = [:]
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix("cmdstat_") {
            let words = line.dropFirst("cmdstat_".utf8.count).split(separator: ":")
            counts[String(words[0])] = Int(words[1].dropFirst("calls=".utf8.count).prefix { $0 != "," })
        }
        return counts
    }
}

extension Site {
    /// Returns when somebody waits for a run.
    func waiters(of run: RunID) async throws {
        try await until("somebody waits for \(run)") {
            try await redis.send(["HEXISTS", "{\(backend.namespace):0}:run:\(run)", "waiters"]).asInt == 1
        }
    }

    /// Returns when a condition holds.
    func until(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            try #require(ContinuousClock.now < deadline, "waited in vain until \(what)")
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

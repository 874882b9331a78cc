import Foundation
import Logging
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

/// A Redis of its own that writes down each change.
struct Site: Sendable {
    let server: RedisTestServer
    let backend: RedisBackend

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func with(_ body: (Site) async throws -> Void) async throws {
        let server = try await RedisTestServer.start(["--appendonly", "yes", "--appendfsync", "always"])
        let site = Site(server: server, backend: try RedisBackend(url: server.url, namespace: "vault"))
        do {
            try await body(site)
            #expect(try await site.backend.checkInvariants() == [])
        } catch {
            await site.stop()
            throw error
        }
        await site.stop()
    }

    private func stop() async {
        await backend.shutdown()
        await server.stop()
    }

    /// All bytes that were ever written to a key, with each field and value as it is.
    func everythingWritten() throws -> Data {
        let files = FileManager.default.enumerator(at: server.folder, includingPropertiesForKeys: nil)
        return try (files?.allObjects as? [URL] ?? [])
            .filter { $0.path.contains("appendonly") && $0.path.hasSuffix(".aof") }
            .reduce(into: Data()) { $0 += try Data(contentsOf: $1) }
    }

    /// Runs a worker that keeps nothing in memory, so that each turn is a replay.
    func withWorker<Value>(
        _ converter: any DataConverter, options: WorkerOptions = .init(maxCachedRuns: 0),
        @RegistrationBuilder _ registrations: () -> [Registration], during body: () async throws -> Value
    ) async throws -> Value {
        let worker = try Worker(
            backend: backend, options: options, dataConverter: converter, logger: Site.quiet, registrations)
        let working = Task { try await worker.run() }
        do {
            let value = try await body()
            working.cancel()
            try await working.value
            return value
        } catch {
            working.cancel()
            _ = try? await working.value
            throw error
        }
    }

    /// What the store keeps of an activity's last attempt that failed or asked to run again.
    func lastError(of run: RunID) async throws -> String? {
        let client = RedisClient(configuration: try RedisConfiguration(url: server.url))
        let reply = try? await client.send(["HGET", "{vault:0}:ops:\(run)", "0:error"]).asString
        await client.shutdown()
        return reply
    }

    func history(of run: RunID) async throws -> [HistoryEntry] {
        try await backend.history(of: run, after: 0, limit: 1000)
    }
}

extension Duration {
    /// Longer than anything here takes; only a failing test waits for it.
    static var patience: Duration { .seconds(60) }
}

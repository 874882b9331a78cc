import FaultWorker
import Foundation
import Logging
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

/// A Redis of its own for one test, and what is needed to start workers on it, to load it and to judge what came of it.
struct FaultSite: Sendable {
    let server: RedisTestServer
    let namespace: String
    let lease: Duration
    let commandTimeout: Duration
    let backend: RedisBackend
    /// For the ledger, and for what a test asks of Redis itself.
    let redis: RedisClient
    let store: FaultStore

    var client: WorkflowClient { WorkflowClient(backend: backend) }

    /// Runs a test, and checks the backend's invariants after it.
    static func with(
        lease: Duration, commandTimeout: Duration = .seconds(10), arguments: [String] = [],
        _ body: (FaultSite) async throws -> Void
    ) async throws {
        let server = try await RedisTestServer.start(arguments)
        let site = try FaultSite(server: server, lease: lease, commandTimeout: commandTimeout)
        let result = await Result {
            try await body(site)
            try await site.checkInvariants()
        }
        await site.backend.shutdown()
        await site.redis.shutdown()
        await server.stop()
        try result.get()
    }

    private init(server: RedisTestServer, lease: Duration, commandTimeout: Duration) throws {
        self.server = server
        self.lease = lease
        self.commandTimeout = commandTimeout
        namespace = "fault"
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var configuration = try RedisConfiguration(url: server.url)
        configuration.commandTimeout = commandTimeout
        backend = try RedisBackend(configuration: configuration, namespace: namespace, logger: quiet)
        redis = RedisClient(configuration: configuration, logger: quiet)
        store = FaultStore(client: redis, namespace: namespace)
    }

    /// Starts a worker process.
    func worker(_ name: String) throws -> WorkerProcess {
        try WorkerProcess(
            name: name, url: server.url, namespace: namespace, lease: lease, commandTimeout: commandTimeout,
            folder: server.folder)
    }

    /// Waits until a worker has registered.
    func registered(_ worker: WorkerProcess) async throws {
        try await eventually("worker \(worker.name) has started") { worker.log.contains("worker started") }
    }

    /// They hold at any time, also beside running workers.
    func checkInvariants(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let violations = try await backend.checkInvariants()
        #expect(violations == [], sourceLocation: sourceLocation)
    }

    /// Calls the backend again while Redis is away.
    func untilAvailable<Value>(_ call: () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + .patience
        while true {
            do {
                return try await call()
            } catch let error as BackendError where error.code == .unavailable && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}

extension Duration {
    /// Longer than anything here takes; only a failing test waits for it.
    static var patience: Duration { .seconds(45) }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

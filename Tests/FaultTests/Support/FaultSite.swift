import CSanitizers
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
    /// Another Redis, for the ledger: nothing happens to it.
    let ledger: RedisTestServer
    /// What workers and clients connect through, if a test wants one.
    let proxy: FaultProxy?
    let namespace: String
    let lease: Duration
    let commandTimeout: Duration
    /// The clients'.
    let backend: RedisBackend
    /// The test's own, which no proxy disturbs.
    let judge: RedisBackend
    /// For what a test asks of Redis itself.
    let redis: RedisClient
    let store: FaultStore

    var client: WorkflowClient { WorkflowClient(backend: backend) }
    /// The way to Redis.
    var url: String { proxy?.url ?? server.url }

    /// Runs a test, and checks the backend's invariants after it.
    static func with(
        lease: Duration, commandTimeout: Duration = .seconds(10), arguments: [String] = [], hasProxy: Bool = false,
        _ body: (FaultSite) async throws -> Void
    ) async throws {
        let server = try await RedisTestServer.start(arguments)
        let ledger = try await RedisTestServer.start()
        let proxy = hasProxy ? try await FaultProxy.start(to: server.port) : nil
        let site = try FaultSite(
            server: server, ledger: ledger, proxy: proxy, namespace: "fault", lease: lease,
            commandTimeout: commandTimeout)
        let result = await Result { try await site.run(body) }
        await proxy?.stop()
        await server.stop()
        await ledger.stop()
        try result.get()
    }

    /// Runs a part of a test in a namespace of its own, and checks the invariants after it.
    func with(namespace: String, _ body: (FaultSite) async throws -> Void) async throws {
        let part = try FaultSite(
            server: server, ledger: ledger, proxy: proxy, namespace: namespace, lease: lease,
            commandTimeout: commandTimeout)
        try await part.run(body)
    }

    private init(
        server: RedisTestServer, ledger: RedisTestServer, proxy: FaultProxy?, namespace: String, lease: Duration,
        commandTimeout: Duration
    ) throws {
        self.server = server
        self.ledger = ledger
        self.proxy = proxy
        self.namespace = namespace
        self.lease = lease
        self.commandTimeout = commandTimeout
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var configuration = try RedisConfiguration(url: server.url)
        judge = try RedisBackend(configuration: configuration, namespace: namespace, logger: quiet)
        redis = RedisClient(configuration: configuration, logger: quiet)
        configuration = try RedisConfiguration(url: proxy?.url ?? server.url)
        configuration.commandTimeout = commandTimeout
        configuration.connectTimeout = commandTimeout
        configuration.backoff.maximum = .milliseconds(200)
        backend = try RedisBackend(configuration: configuration, namespace: namespace, logger: quiet)
        store = FaultStore(
            client: RedisClient(configuration: try RedisConfiguration(url: ledger.url), logger: quiet),
            namespace: namespace)
    }

    private func run(_ body: (FaultSite) async throws -> Void) async throws {
        let result = await Result {
            try await body(self)
            try await checkInvariants()
        }
        await backend.shutdown()
        await judge.shutdown()
        await redis.shutdown()
        await store.client.shutdown()
        try result.get()
    }

    /// Starts a worker process.
    ///
    /// - Parameter url: its way to Redis, if it isn't the site's.
    func worker(_ name: String, url: String? = nil) throws -> WorkerProcess {
        try WorkerProcess(name: name, at: self, url: url)
    }

    /// Tells a worker to stop, which it does.
    func stop(_ worker: WorkerProcess) async throws {
        try await registered(worker)
        worker.terminate()
        let status = await worker.exitStatus()
        #expect(status == 0, "\(worker.name) of \(namespace):\n\(worker.log.suffix(3000))")
    }

    /// Waits until a worker has registered.
    func registered(_ worker: WorkerProcess) async throws {
        try await eventually("worker \(worker.name) has started") { worker.log.contains("worker started") }
    }

    /// How many tasks workers hold.
    func leases() async throws -> Int { try await redis.send(["ZCARD", "{\(namespace):0}:leases"]).asInt }

    /// They hold at any time, also beside running workers.
    func checkInvariants(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let violations = try await judge.checkInvariants()
        Figures.shared.add(violations: violations.count)
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
    static var patience: Duration { .seconds(isSanitized() ? 180 : 45) }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

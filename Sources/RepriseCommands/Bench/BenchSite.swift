import Logging
import RedisClient
import Reprise
import RepriseRedis

/// An empty namespace with workers and a client, each with connections of its own, as processes of their own have.
final class BenchSite: Sendable {
    let client: WorkflowClient
    /// The client's.
    let backend: RedisBackend
    /// One for each worker.
    let workers: [RedisBackend]
    /// Workers in processes of their own.
    let processes: [WorkerProcess]
    /// For what is no part of the engine.
    let redis: RedisClient
    private let namespace: String

    private init(
        _ configuration: RedisConfiguration, workers count: Int, processes processCount: Int
    ) throws {
        let namespace = "reprise-bench-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        func make() throws(BackendError) -> RedisBackend {
            try RedisBackend(
                configuration: configuration, namespace: namespace, retention: Self.retention, logger: .quiet)
        }
        self.namespace = namespace
        backend = try make()
        workers = try (0..<count).map { _ throws(BackendError) in try make() }
        processes = try (0..<processCount).map { _ in try WorkerProcess(namespace: namespace) }
        client = WorkflowClient(backend: backend)
        redis = RedisClient(configuration: configuration, logger: .quiet)
    }

    /// What has finished stays until the end.
    static let retention = Retention.unlimited

    /// Runs a body with a site, and removes every key of it afterwards, also if the task is cancelled.
    ///
    /// - Parameters:
    ///   - count: how many workers of this process there are.
    ///   - processes: how many other processes there are, each with a worker.
    ///   - isWorking: whether the workers of this process work from the start on; if not, in ``working(_:)``.
    static func with<Value: Sendable>(
        _ configuration: RedisConfiguration, workers count: Int, processes: Int = 0, isWorking: Bool = true,
        _ body: @escaping @Sendable (BenchSite) async throws -> Value
    ) async throws -> Value {
        let site = try BenchSite(configuration, workers: count, processes: processes)
        let result: Result<Value, any Error>
        do {
            try await site.backend.connect()
            for process in site.processes { _ = try await process.reading() }
            if isWorking {
                result = .success(try await site.working { try await body(site) })
            } else {
                result = .success(try await body(site))
            }
        } catch { result = .failure(error) }
        // In a task of its own: this one may be cancelled, and then nothing would be sent.
        await Task { await site.close() }.value
        return try result.get()
    }

    /// Runs the workers of this process beside a body. If one of them can't work, that is thrown.
    func working<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            for backend in workers {
                let worker = try BenchSite.worker(backend)
                group.addTask {
                    try await worker.run()
                    return nil
                }
            }
            group.addTask { try await body() }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let value = next { return value }
            }
            throw CancellationError()
        }
    }

    static func worker(_ backend: RedisBackend) throws(InvalidArgument) -> Worker {
        // It keeps nothing that anybody wants.
        try Worker(backend: backend, options: WorkerOptions(allowsUnsafeStore: true), logger: .quiet) {
            BenchSequence.self
            BenchFanOut.self
            BenchSleep.self
            BenchSignals.self
            BenchEcho.self
            BenchActivities.registrations
        }
    }

    /// Closes all connections, so that nothing is written any more, and removes all keys.
    private func close() async {
        for process in processes { await process.end() }
        for worker in workers { await worker.shutdown() }
        await backend.shutdown()
        do { try await removeKeys() } catch {
            StandardError.tell("keys that begin with {\(namespace): are left, they can't be removed: \(error.message)")
        }
        await redis.shutdown()
    }

    private func removeKeys() async throws(RedisError) {
        var cursor = "0"
        repeat {
            let reply = try await redis.send(["SCAN", cursor, "MATCH", "{\(namespace):*", "COUNT", 1000]).asArray
            cursor = try reply[0].asString
            let keys = try reply[1].asArray
            guard !keys.isEmpty else { continue }
            var command: RedisCommand = ["UNLINK"]
            for key in keys { command.append(try key.asBytes) }
            try await redis.send(command)
        } while cursor != "0"
    }
}

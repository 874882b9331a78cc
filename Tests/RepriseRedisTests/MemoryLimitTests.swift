import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import RepriseTesting
import Synchronization
import Testing

/// A backend whose Redis is at its maxmemory, but for starts and signals.
private final class BackendAtLimit: ForwardingBackend {
    let target: RedisBackend
    fileprivate let redis: RedisClient

    init(_ target: RedisBackend, _ redis: RedisClient) {
        self.target = target
        self.redis = redis
    }

    func setLimit(_ bytes: Int) async {
        do { try await redis.send(["CONFIG", "SET", "maxmemory", bytes]) } catch { Issue.record(error) }
    }

    /// Lifts the limit for a call; again if it was set meanwhile, after another such call.
    private func withMemory<Answer>(
        _ call: () async throws(BackendError) -> Answer
    ) async throws(BackendError) -> Answer {
        while true {
            await setLimit(0)
            do throws(BackendError) {
                let answer = try await call()
                await setLimit(1)
                return answer
            } catch {
                await setLimit(1)
                if error.code != .outOfMemory { throw error }
            }
        }
    }

    func start(_ request: StartRequest) async throws(BackendError) -> RunID {
        try await withMemory { () async throws(BackendError) in try await target.start(request) }
    }

    func signal(
        _ signal: SignalRecord, workflowID: String, runNumber: Int?
    ) async throws(BackendError) -> RunID {
        try await withMemory { () async throws(BackendError) in
            try await target.signal(signal, workflowID: workflowID, runNumber: runNumber)
        }
    }
}

/// What goes on when Redis is at its maxmemory: everything but starts and signals.
@Suite(.serialized)
struct MemoryLimitTests {
    private static let namespaces = Mutex(0)
    private static let server = Task { try await RedisTestServer.start(["--maxmemory-policy", "noeviction"]) }

    private static let conformance = BackendConformance(
        makeBackend: { retention in
            let number = namespaces.withLock { count in
                count += 1
                return count
            }
            let server = try await server.value
            let redis = RedisClient(configuration: try RedisConfiguration(url: server.url))
            let backend = BackendAtLimit(
                try RedisBackend(url: server.url, namespace: "limit-\(number)", retention: retention), redis)
            await backend.setLimit(1)
            return backend
        },
        checkInvariants: { backend in
            guard let backend = backend as? BackendAtLimit else { return [] }
            return try await backend.target.checkInvariants()
        },
        tearDown: { backend in await (backend as? BackendAtLimit)?.shutdown() })

    @Test(arguments: BackendConformance.allCases)
    func `existing work goes on without memory`(_ test: ConformanceCase) async throws {
        try await Self.conformance.run(test)
    }
}

extension BackendAtLimit {
    fileprivate func shutdown() async {
        await target.shutdown()
        await redis.shutdown()
    }
}

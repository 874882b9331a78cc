import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import RepriseTesting
import Synchronization
import Testing

/// A backend whose Redis is at its maxmemory, but for starts and signals.
private final class BackendAtLimit: Backend {
    let backend: RedisBackend
    fileprivate let redis: RedisClient

    init(_ backend: RedisBackend, _ redis: RedisClient) {
        self.backend = backend
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
        try await withMemory { () async throws(BackendError) in try await backend.start(request) }
    }

    func signal(
        _ signal: SignalRecord, workflowID: String, runNumber: Int?
    ) async throws(BackendError) -> RunID {
        try await withMemory { () async throws(BackendError) in
            try await backend.signal(signal, workflowID: workflowID, runNumber: runNumber)
        }
    }

    func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription {
        try await backend.describe(workflowID: workflowID, runNumber: runNumber)
    }

    func history(of run: RunID, after number: Int, limit: Int) async throws(BackendError) -> [HistoryEntry] {
        try await backend.history(of: run, after: number, limit: limit)
    }

    func wait(for run: RunID, until condition: RunCondition) async throws(BackendError) -> RunDescription {
        try await backend.wait(for: run, until: condition)
    }

    func requestCancel(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try await backend.requestCancel(workflowID: workflowID, runNumber: runNumber, reason: reason)
    }

    func terminate(workflowID: String, runNumber: Int?, reason: String) async throws(BackendError) -> RunID {
        try await backend.terminate(workflowID: workflowID, runNumber: runNumber, reason: reason)
    }

    func blockedRuns(after time: Timestamp?, limit: Int) async throws(BackendError) -> [RunDescription] {
        try await backend.blockedRuns(after: time, limit: limit)
    }

    func pause(_ run: RunID) async throws(BackendError) { try await backend.pause(run) }
    func resume(_ run: RunID) async throws(BackendError) { try await backend.resume(run) }
    func unblock(_ run: RunID) async throws(BackendError) { try await backend.unblock(run) }
    func register(_ worker: WorkerRegistration) async throws(BackendError) { try await backend.register(worker) }
    func unregister(worker: String) async throws(BackendError) { try await backend.unregister(worker: worker) }
    func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork { try await backend.claim(request) }

    func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        try await backend.commit(commit, claiming: request)
    }

    func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?) {
        try await backend.complete(completion, claiming: request)
    }

    func heartbeat(_ claim: ActivityClaim, details: [UInt8]?) async throws(BackendError) -> HeartbeatAnswer {
        try await backend.heartbeat(claim, details: details)
    }

    func cancellations(of worker: String) async throws(BackendError) -> AsyncStream<ActivityCancellation> {
        try await backend.cancellations(of: worker)
    }

    func release(_ release: WorkflowRelease) async throws(BackendError) -> ReleaseAnswer {
        try await backend.release(release)
    }

    func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer {
        try await backend.release(claim)
    }

    func renew(
        worker: String, workflows: [WorkflowClaim], activities: [ActivityClaim]
    ) async throws(BackendError) -> [String] {
        try await backend.renew(worker: worker, workflows: workflows, activities: activities)
    }

    func recover(worker: String, keeping nonces: [String]) async throws(BackendError) {
        try await backend.recover(worker: worker, keeping: nonces)
    }

    func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError) {
        try await backend.waitForWork(worker: worker, until: due)
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
            return try await backend.backend.checkInvariants()
        },
        tearDown: { backend in await (backend as? BackendAtLimit)?.shutdown() })

    @Test(arguments: BackendConformance.allCases)
    func `existing work goes on without memory`(_ test: ConformanceCase) async throws {
        try await Self.conformance.run(test)
    }
}

extension BackendAtLimit {
    fileprivate func shutdown() async {
        await backend.shutdown()
        await redis.shutdown()
    }
}

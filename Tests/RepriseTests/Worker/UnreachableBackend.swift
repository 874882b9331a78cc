import Reprise
import Synchronization

/// A backend in memory that can't be reached by commits, from some time on.
final class UnreachableBackend: Backend {
    let store = InMemoryBackend()
    private let state = Mutex((refusesCommits: false, refused: 0))

    func refuseCommits(_ refuses: Bool) { state.withLock { $0.refusesCommits = refuses } }
    var refusedCommits: Int { state.withLock { $0.refused } }

    func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        let isRefused = state.withLock { state in
            if state.refusesCommits { state.refused += 1 }
            return state.refusesCommits
        }
        if isRefused { throw BackendError(.unavailable, "out of reach") }
        return try await store.commit(commit, claiming: request)
    }

    func start(_ request: StartRequest) async throws(BackendError) -> RunID { try await store.start(request) }
    func signal(
        _ signal: SignalRecord, workflowID: String, runNumber: Int?
    ) async throws(BackendError) -> RunID {
        try await store.signal(signal, workflowID: workflowID, runNumber: runNumber)
    }
    func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription {
        try await store.describe(workflowID: workflowID, runNumber: runNumber)
    }
    func history(of run: RunID, after number: Int, limit: Int) async throws(BackendError) -> [HistoryEntry] {
        try await store.history(of: run, after: number, limit: limit)
    }
    func wait(for run: RunID, until condition: RunCondition) async throws(BackendError) -> RunDescription {
        try await store.wait(for: run, until: condition)
    }
    func requestCancel(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try await store.requestCancel(workflowID: workflowID, runNumber: runNumber, reason: reason)
    }
    func terminate(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try await store.terminate(workflowID: workflowID, runNumber: runNumber, reason: reason)
    }
    func blockedRuns(after time: Timestamp?, limit: Int) async throws(BackendError) -> [RunDescription] {
        try await store.blockedRuns(after: time, limit: limit)
    }

    func pause(_ run: RunID) async throws(BackendError) { try await store.pause(run) }
    func resume(_ run: RunID) async throws(BackendError) { try await store.resume(run) }
    func unblock(_ run: RunID) async throws(BackendError) { try await store.unblock(run) }
    func register(_ worker: WorkerRegistration) async throws(BackendError) { try await store.register(worker) }
    func unregister(worker: String) async throws(BackendError) { try await store.unregister(worker: worker) }
    func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork { try await store.claim(request) }
    func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?) {
        try await store.complete(completion, claiming: request)
    }
    func heartbeat(_ claim: ActivityClaim, details: [UInt8]?) async throws(BackendError) -> HeartbeatAnswer {
        try await store.heartbeat(claim, details: details)
    }
    func cancellations(of worker: String) async throws(BackendError) -> AsyncStream<ActivityCancellation> {
        try await store.cancellations(of: worker)
    }
    func release(_ release: WorkflowRelease) async throws(BackendError) -> ReleaseAnswer {
        try await store.release(release)
    }
    func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer { try await store.release(claim) }
    func renew(
        worker: String, workflows: [WorkflowClaim], activities: [ActivityClaim]
    ) async throws(BackendError) -> [String] {
        try await store.renew(worker: worker, workflows: workflows, activities: activities)
    }
    func recover(worker: String, keeping nonces: [String]) async throws(BackendError) {
        try await store.recover(worker: worker, keeping: nonces)
    }
    func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError) {
        try await store.waitForWork(worker: worker, until: due)
    }
}

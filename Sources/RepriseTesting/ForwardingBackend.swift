package import Reprise

/// A backend that hands every call on to another one, but for those that it has itself: for tests in which some calls go
/// wrong.
package protocol ForwardingBackend: Backend {
    associatedtype Target: Backend

    /// Where the calls go.
    var target: Target { get }
}

// MARK: Clients

extension ForwardingBackend {
    package func start(_ request: StartRequest) async throws(BackendError) -> RunID { try await target.start(request) }

    package func signal(
        _ signal: SignalRecord, workflowID: String, runNumber: Int?
    ) async throws(BackendError) -> RunID {
        try await target.signal(signal, workflowID: workflowID, runNumber: runNumber)
    }

    package func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription {
        try await target.describe(workflowID: workflowID, runNumber: runNumber)
    }

    package func history(
        of run: RunID, after number: Int, limit: Int
    ) async throws(BackendError) -> [HistoryEntry] {
        try await target.history(of: run, after: number, limit: limit)
    }

    package func wait(
        for run: RunID, until condition: RunCondition
    ) async throws(BackendError) -> RunDescription {
        try await target.wait(for: run, until: condition)
    }

    package func requestCancel(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try await target.requestCancel(workflowID: workflowID, runNumber: runNumber, reason: reason)
    }

    package func terminate(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try await target.terminate(workflowID: workflowID, runNumber: runNumber, reason: reason)
    }

    package func blockedRuns(after last: RunDescription?, limit: Int) async throws(BackendError) -> [RunDescription] {
        try await target.blockedRuns(after: last, limit: limit)
    }

    package func pause(_ run: RunID) async throws(BackendError) { try await target.pause(run) }
    package func resume(_ run: RunID) async throws(BackendError) { try await target.resume(run) }
    package func unblock(_ run: RunID) async throws(BackendError) { try await target.unblock(run) }
}

// MARK: Workers

extension ForwardingBackend {
    package func preflight() async throws(BackendError) -> [PreflightFinding] { try await target.preflight() }

    package func register(_ worker: WorkerRegistration) async throws(BackendError) {
        try await target.register(worker)
    }

    package func unregister(worker: String) async throws(BackendError) { try await target.unregister(worker: worker) }

    package func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork {
        try await target.claim(request)
    }

    package func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        try await target.commit(commit, claiming: request)
    }

    package func commit(
        _ turn: ForeseenTurn, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (isRecorded: Bool, work: ClaimedWork?) {
        try await target.commit(turn, claiming: request)
    }

    package func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?) {
        try await target.complete(completion, claiming: request)
    }

    package func heartbeat(
        _ claim: ActivityClaim, details: [UInt8]?
    ) async throws(BackendError) -> HeartbeatAnswer {
        try await target.heartbeat(claim, details: details)
    }

    package func cancellations(of worker: String) async throws(BackendError) -> AsyncStream<ActivityCancellation> {
        try await target.cancellations(of: worker)
    }

    package func release(_ release: WorkflowRelease) async throws(BackendError) -> ReleaseAnswer {
        try await target.release(release)
    }

    package func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer {
        try await target.release(claim)
    }

    package func renew(
        worker: String, workflows: [WorkflowClaim], activities: [ActivityClaim]
    ) async throws(BackendError) -> [String] {
        try await target.renew(worker: worker, workflows: workflows, activities: activities)
    }

    package func recover(worker: String, keeping nonces: [String]) async throws(BackendError) {
        try await target.recover(worker: worker, keeping: nonces)
    }

    package func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError) {
        try await target.waitForWork(worker: worker, until: due)
    }
}

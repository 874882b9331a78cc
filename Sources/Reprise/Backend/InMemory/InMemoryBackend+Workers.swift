import Synchronization

extension InMemoryBackend {
    /// Registers a worker; see ``Backend/register(_:)``.
    public func register(_ worker: WorkerRegistration) async throws(BackendError) {
        if let fault = worker.fault { throw BackendError(.invalidRequest, fault) }
        transact { store, now in store.register(worker, now: now) }
    }

    /// Removes a worker; see ``Backend/unregister(worker:)``.
    public func unregister(worker: String) async throws(BackendError) {
        transact { store, now in store.unregister(worker, now: now) }
    }

    /// Takes work; see ``Backend/claim(_:)``.
    public func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork {
        try transact { store, now throws(BackendError) in try store.claim(request, now: now) }
    }

    /// Records a turn; see ``Backend/commit(_:claiming:)-(Commit,_)``.
    public func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        try record(claiming: request) { store, now throws(BackendError) in try store.commit(commit, now: now) }
    }

    /// Records a turn with its results; see ``Backend/commit(_:claiming:)-(ForeseenTurn,_)``.
    public func commit(
        _ turn: ForeseenTurn, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (isRecorded: Bool, work: ClaimedWork?) {
        try record(claiming: request) { store, now throws(BackendError) in try store.commit(turn, now: now) }
    }

    /// Records how an attempt ended; see ``Backend/complete(_:claiming:)``.
    public func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?) {
        try record(claiming: request) { store, now in store.complete(completion, now: now) }
    }

    /// Records what a worker has done, and takes the work that it asks for.
    private func record<Answer: Sendable>(
        claiming request: ClaimRequest?, _ change: (inout Store, Timestamp) throws(BackendError) -> Answer
    ) throws(BackendError) -> (Answer, ClaimedWork?) {
        try transact { store, now throws(BackendError) in
            let answer = try change(&store, now)
            return (answer, request.flatMap { try? store.claim($0, now: now) })
        }
    }

    /// Records a heartbeat; see ``Backend/heartbeat(_:details:)``.
    public func heartbeat(_ claim: ActivityClaim, details: [UInt8]?) async throws(BackendError) -> HeartbeatAnswer {
        transact { store, now in store.heartbeat(claim, details: details, now: now) }
    }

    /// Listens for attempts that are not wanted any more; see ``Backend/cancellations(of:)``. The stream ends with the
    /// backend.
    public func cancellations(of worker: String) async throws(BackendError) -> AsyncStream<ActivityCancellation> {
        let (stream, continuation) = AsyncStream.makeStream(of: ActivityCancellation.self)
        let id = core.withLock { $0.waits.add(continuation, for: worker) }
        continuation.onTermination = { [weak self] _ in
            self?.core.withLock { $0.waits.removeListener(id, of: worker) }
        }
        return stream
    }

    /// Gives a run back; see ``Backend/release(_:)-(WorkflowRelease)``.
    public func release(_ release: WorkflowRelease) async throws(BackendError) -> ReleaseAnswer {
        transact { store, now in store.release(release, now: now) }
    }

    /// Gives an activity back; see ``Backend/release(_:)-(ActivityClaim)``.
    public func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer {
        transact { store, now in store.release(claim, now: now) }
    }

    /// Renews leases; see ``Backend/renew(worker:workflows:activities:)``.
    public func renew(
        worker: String, workflows: [WorkflowClaim], activities: [ActivityClaim]
    ) async throws(BackendError) -> [String] {
        try transact { store, now throws(BackendError) in
            try store.renew(worker, workflows: workflows, activities: activities, now: now)
        }
    }

    /// Hands back what a worker doesn't know of; see ``Backend/recover(worker:keeping:)``.
    public func recover(worker: String, keeping nonces: [String]) async throws(BackendError) {
        transact { store, now in store.recover(worker, keeping: Set(nonces), now: now) }
    }

    /// Waits for work; see ``Backend/waitForWork(worker:until:)``.
    ///
    /// With a virtual clock the wait is not bounded by that time, but by ``advance(by:)`` coming to `due`.
    public func waitForWork(worker id: String, until due: Timestamp?) async throws(BackendError) {
        let cancelled = BackendError(.cancelled, "the waiting task was cancelled")
        let answer = await wait(orCancelled: .failure(cancelled)) { core, waitID, continuation in
            core.beginWait(of: id, until: due, id: waitID, continuation)
        }
        try answer.get()
    }
}

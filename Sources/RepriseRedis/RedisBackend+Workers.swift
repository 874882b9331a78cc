import RedisClient
public import Reprise

extension RedisBackend {
    // MARK: Workers

    /// Registers a worker. See ``Reprise/Backend/register(_:)``.
    public func register(_ worker: WorkerRegistration) async throws(BackendError) {
        if let fault = worker.fault { throw BackendError(.invalidRequest, fault) }
        var call = runner.call(
            scripts.register, worker.id, worker.name, worker.queue, worker.buildID, worker.lease.storable)
        for type in worker.workflowTypes { call.append("w:" + type) }
        for name in worker.activityNames { call.append("a:" + name) }
        inboxes.add(worker)
        // It moves a bounded number of tasks at a time.
        while try int(try await runner.sendRepeating(call)) == 1 {}
    }

    /// Removes a worker. See ``Reprise/Backend/unregister(worker:)``.
    public func unregister(worker: String) async throws(BackendError) {
        await inboxes.remove(worker)
        let call = runner.call(scripts.unregister, worker)
        while try int(try await runner.sendRepeating(call)) == 1 {}
        batchers.remove(worker)
    }

    /// Takes work. See ``Reprise/Backend/claim(_:)``.
    public func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork {
        let reply = try await submit(WorkItem(.none, before: request)).work
        guard let work = try await claimedWork(try errors.checked(reply), request) else {
            throw BackendError(
                .workerNotRegistered, "the worker \(request.worker) isn't registered, or its registration lapsed")
        }
        return work
    }

    /// Records a turn. See ``Reprise/Backend/commit(_:claiming:)-(Commit,_)``.
    public func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        let isLarge = commit.carried.count > Limits.entriesPerPage
        if isLarge { try await prepareNextRun(commit) }
        let (staging, item) = try commitItem(commit, before: request, isPrepared: isLarge)
        guard staging.isEmpty else { return try await commitInPages(commit, staging, item) }
        let reply = try await submit(item)
        if let answer = try commitAnswer(try errors.checked(reply.answer), commit) {
            return (answer, try await claimedWork(try errors.checked(reply.work), request))
        }
        let answer = try await commitPrepared(commit)
        guard let request else { return (answer, nil) }
        return (answer, try? await claim(request))
    }

    /// Records a turn with its results. See ``Reprise/Backend/commit(_:claiming:)-(ForeseenTurn,_)``.
    public func commit(
        _ turn: ForeseenTurn, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (isRecorded: Bool, work: ClaimedWork?) {
        let reply = try await submit(try foreseeItem(turn, before: request))
        let isRecorded = try foreseenAnswer(try errors.checked(reply.answer))
        return (isRecorded, try await claimedWork(try errors.checked(reply.work), request))
    }

    /// Records how an attempt ended. See ``Reprise/Backend/complete(_:claiming:)``.
    public func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?) {
        let reply = try await submit(completeItem(completion, before: request))
        let answer = try completionAnswer(try errors.checked(reply.answer), completion)
        return (answer, try await claimedWork(try errors.checked(reply.work), request))
    }

    /// Records a heartbeat. See ``Reprise/Backend/heartbeat(_:details:)``.
    public func heartbeat(_ claim: ActivityClaim, details: [UInt8]?) async throws(BackendError) -> HeartbeatAnswer {
        let call = runner.call(
            scripts.heartbeat, claim.run.description, claim.operation, claim.nonce, details == nil ? "0" : "1",
            details ?? [])
        return try word(try await runner.sendRepeating(call)) == "recorded" ? .recorded : .superseded
    }

    /// Listens for attempts that are not wanted any more. See ``Reprise/Backend/cancellations(of:)``.
    public func cancellations(of worker: String) async throws(BackendError) -> AsyncStream<ActivityCancellation> {
        try await CancellationChannel(client: client, keys: keys, errors: errors).listen(to: worker)
    }

    /// Gives a run back. See ``Reprise/Backend/release(_:)-(WorkflowRelease)``.
    public func release(_ release: WorkflowRelease) async throws(BackendError) -> ReleaseAnswer {
        let (how, delay, reason): (String, Int64, String) =
            switch release.disposition {
            case .handBack: ("back", 0, "")
            case .retry(let after, let reason): ("retry", after.storable, reason.cut())
            case .block(let reason): ("block", 0, reason.cut())
            }
        let claim = release.claim
        let call = runner.call(
            scripts.releaseWorkflow, claim.run.description, claim.nonce, claim.epoch, how, delay, reason)
        return try word(try await runner.sendRepeating(call)) == "released" ? .released : .fenced
    }

    /// Gives an activity back. See ``Reprise/Backend/release(_:)-(ActivityClaim)``.
    public func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer {
        let call = runner.call(scripts.releaseActivity, claim.run.description, claim.operation, claim.nonce)
        return try word(try await runner.sendRepeating(call)) == "released" ? .released : .fenced
    }

    /// Renews a registration and leases. See ``Reprise/Backend/renew(worker:workflows:activities:)``.
    public func renew(
        worker: String, workflows: [WorkflowClaim], activities: [ActivityClaim]
    ) async throws(BackendError) -> [String] {
        let nonces = workflows.map(\.nonce) + activities.map(\.nonce)
        let size = Limits.renewalsPerPage
        let calls = stride(from: 0, through: max(nonces.count - 1, 0), by: size).map { start in
            var call = runner.call(scripts.renew, worker)
            for nonce in nonces[start..<min(start + size, nonces.count)] { call.append(nonce) }
            return call
        }
        var lost: [String] = []
        for reply in try await runner.sendRepeating(calls) {
            var reply = try ReplyCursor(reply, errors)
            if try reply.string() == "unregistered" {
                throw BackendError(.workerNotRegistered, "the registration of the worker \(worker) lapsed")
            }
            while !reply.isAtEnd { lost.append(try reply.string()) }
        }
        return lost
    }

    /// Hands back what the worker doesn't know of. See ``Reprise/Backend/recover(worker:keeping:)``.
    public func recover(worker: String, keeping nonces: [String]) async throws(BackendError) {
        var cursor = "0"
        while true {
            var call = runner.call(scripts.recover, worker, cursor)
            for nonce in nonces { call.append(nonce) }
            var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
            let isDone = try reply.string() == "done"
            if isDone { return }
            cursor = try reply.string()
        }
    }

    /// Waits until there may be work. See ``Reprise/Backend/waitForWork(worker:until:)``.
    public func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError) {
        guard let inbox = inboxes.inbox(of: worker) else { return }
        try await inbox.wait(until: due)
    }

    private func int(_ reply: RedisReply) throws(BackendError) -> Int {
        do throws(RedisError) {
            return try reply.asInt
        } catch {
            throw errors.mapped(error)
        }
    }
}

import Reprise

/// What lies between a process and the store: requests and replies take time, get lost, come twice or much later.
struct Wire: Backend {
    let world: World
    let machine: Machine
    private var store: InMemoryBackend { world.store }

    init(_ machine: Machine, _ world: World) {
        self.machine = machine
        self.world = world
    }

    private static let unavailable = BackendError(.unavailable, "simulated")

    /// Makes a call.
    ///
    /// - Parameters:
    ///   - noting: what the observer learns from the answer, at the time when the store gives it.
    ///   - again: how the call may come a second time, perhaps much later.
    private func send<Answer: Sendable>(
        _ call: @autoclosure () -> String, saying describe: (Answer) -> String = { _ in "done" },
        noting: @escaping @Sendable (Answer) -> Void = { _ in },
        again: (@Sendable () async throws(BackendError) -> Answer)? = nil,
        _ body: @escaping @Sendable () async throws(BackendError) -> Answer
    ) async throws(BackendError) -> Answer {
        await machine.goOn()
        let name = machine.name
        if world.isAway || world.happens(world.weather.unreachable) {
            world.note("\(name) \(call()) -> not sent")
            await world.latency()
            await machine.goOn()
            throw Wire.unavailable
        }
        await world.latency()
        let result: Result<Answer, BackendError>
        do throws(BackendError) {
            let answer = try await body()
            world.note("\(name) \(call()) -> \(describe(answer))")
            noting(answer)
            result = .success(answer)
        } catch {
            world.note("\(name) \(call()) -> \(error)")
            result = .failure(error)
        }
        world.check()
        if let again, world.happens(world.weather.duplicate) {
            let text = call()
            Task {
                await world.pause(for: world.chance.exponential(mean: .seconds(5)))
                let answer = try? await again()
                world.note("\(name) \(text), again -> \(answer == nil ? "an error" : "an answer")")
                if let answer { noting(answer) }
                world.check()
            }
        }
        let isLost = world.happens(world.weather.lostReply)
        await world.latency()
        await machine.goOn()
        if isLost {
            world.note("\(name) \(call()): the reply is lost")
            throw Wire.unavailable
        }
        return try result.get()
    }
}

// MARK: Clients

extension Wire {
    func start(_ request: StartRequest) async throws(BackendError) -> RunID {
        try await send(
            "start \(request.workflowID) \(request.requestID)", saying: { "\($0)" },
            noting: { world.observer.started(request, as: $0) },
            again: { () async throws(BackendError) in try await store.start(request) }
        ) { () async throws(BackendError) in
            try await store.start(request)
        }
    }

    func signal(
        _ signal: SignalRecord, workflowID: String, runNumber: Int?
    ) async throws(BackendError) -> RunID {
        let body = { @Sendable () async throws(BackendError) in
            try await store.signal(signal, workflowID: workflowID, runNumber: runNumber)
        }
        return try await send("signal \(workflowID) \(signal.id)", saying: { "\($0)" }, again: body, body)
    }

    func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription {
        try await send("describe \(workflowID)", saying: { "\($0.run) \($0.state)" }) { () async throws(BackendError) in
            try await store.describe(workflowID: workflowID, runNumber: runNumber)
        }
    }

    func history(of run: RunID, after number: Int, limit: Int) async throws(BackendError) -> [HistoryEntry] {
        try await send("history \(run) \(number)", saying: { "\($0.count)" }) { () async throws(BackendError) in
            try await store.history(of: run, after: number, limit: limit)
        }
    }

    func wait(for run: RunID, until condition: RunCondition) async throws(BackendError) -> RunDescription {
        try await send("wait \(run)", saying: { "\($0.state)" }) { () async throws(BackendError) in
            try await store.wait(for: run, until: condition)
        }
    }

    func blockedRuns(after last: RunDescription?, limit: Int) async throws(BackendError) -> [RunDescription] {
        try await send("blockedRuns", saying: { "\($0.count)" }) { () async throws(BackendError) in
            try await store.blockedRuns(after: last, limit: limit)
        }
    }

    func requestCancel(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        let body = { @Sendable () async throws(BackendError) in
            try await store.requestCancel(workflowID: workflowID, runNumber: runNumber, reason: reason)
        }
        return try await send("cancel \(workflowID)", saying: { "\($0)" }, again: body, body)
    }

    func terminate(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        let body = { @Sendable () async throws(BackendError) in
            try await store.terminate(workflowID: workflowID, runNumber: runNumber, reason: reason)
        }
        return try await send("terminate \(workflowID)", saying: { "\($0)" }, again: body, body)
    }

    func pause(_ run: RunID) async throws(BackendError) {
        try await send("pause \(run)") { () async throws(BackendError) in try await store.pause(run) }
    }

    func resume(_ run: RunID) async throws(BackendError) {
        try await send("resume \(run)") { () async throws(BackendError) in try await store.resume(run) }
    }

    func unblock(_ run: RunID) async throws(BackendError) {
        try await send("unblock \(run)") { () async throws(BackendError) in try await store.unblock(run) }
    }
}

// MARK: Workers

extension Wire {
    func register(_ worker: WorkerRegistration) async throws(BackendError) {
        try await send("register \(worker.id)") { () async throws(BackendError) in try await store.register(worker) }
    }

    func unregister(worker: String) async throws(BackendError) {
        try await send("unregister \(worker)") { () async throws(BackendError) in
            try await store.unregister(worker: worker)
        }
    }

    func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork {
        try await send(
            "claim \(request.workflowSlots) \(request.activitySlots)", saying: { $0.summary },
            noting: { world.observer.claimed($0) }
        ) { () async throws(BackendError) in
            try await store.claim(request)
        }
    }

    /// Records what a worker has done, and takes the work that it asks for; if it comes again, then without that.
    private func record<Answer: Sendable>(
        _ call: @autoclosure () -> String, claiming request: ClaimRequest?, saying describe: (Answer) -> String,
        noting: @escaping @Sendable (Answer) -> Void,
        _ body: @escaping @Sendable (ClaimRequest?) async throws(BackendError) -> (Answer, ClaimedWork?)
    ) async throws(BackendError) -> (Answer, ClaimedWork?) {
        try await send(
            call(),
            saying: { "\(describe($0.0)), \($0.1?.summary ?? "no claim")" },
            noting: { answer, work in
                noting(answer)
                if let work { world.observer.claimed(work) }
            },
            again: { () async throws(BackendError) in try await body(nil) }
        ) { () async throws(BackendError) in
            try await body(request)
        }
    }

    func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        try await record(
            commit.summary, claiming: request, saying: { $0.summary },
            noting: { world.observer.committed(commit, $0) }
        ) { request async throws(BackendError) in
            try await store.commit(commit, claiming: request)
        }
    }

    func commit(
        _ turn: ForeseenTurn, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (isRecorded: Bool, work: ClaimedWork?) {
        try await record(
            "foreseen \(turn.completions.map(\.claim.operation)) \(turn.commit.summary)", claiming: request,
            saying: { "\($0)" }, noting: { world.observer.foreseen(turn, $0) }
        ) { request async throws(BackendError) in
            try await store.commit(turn, claiming: request)
        }
    }

    func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?) {
        try await record(
            "complete \(completion.claim.run)/\(completion.claim.operation) \(completion.claim.nonce) "
                + completion.result.summary,
            claiming: request, saying: { "\($0)" }, noting: { world.observer.completed(completion, $0) }
        ) { request async throws(BackendError) in
            try await store.complete(completion, claiming: request)
        }
    }

    func heartbeat(_ claim: ActivityClaim, details: [UInt8]?) async throws(BackendError) -> HeartbeatAnswer {
        try await send(
            "heartbeat \(claim.run)/\(claim.operation) \(claim.nonce)", saying: { "\($0)" },
            noting: { world.observer.beat(claim, details, $0) }
        ) { () async throws(BackendError) in
            try await store.heartbeat(claim, details: details)
        }
    }

    func cancellations(of worker: String) async throws(BackendError) -> AsyncStream<ActivityCancellation> {
        try await send("listen", saying: { _ in "a stream" }) { () async throws(BackendError) in
            try await store.cancellations(of: worker)
        }
    }

    func release(_ release: WorkflowRelease) async throws(BackendError) -> ReleaseAnswer {
        try await send(
            "release \(release.claim.run) \(release.claim.nonce) \(release.disposition)", saying: { "\($0)" },
            noting: { _ in world.observer.released(release) },
            again: { () async throws(BackendError) in try await store.release(release) }
        ) { () async throws(BackendError) in
            try await store.release(release)
        }
    }

    func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer {
        try await send(
            "release \(claim.run)/\(claim.operation) \(claim.nonce)", saying: { "\($0)" },
            again: { () async throws(BackendError) in try await store.release(claim) }
        ) { () async throws(BackendError) in
            try await store.release(claim)
        }
    }

    func renew(
        worker: String, workflows: [WorkflowClaim], activities: [ActivityClaim]
    ) async throws(BackendError) -> [String] {
        try await send("renew \(workflows.count) \(activities.count)", saying: { "lost \($0)" }) {
            () async throws(BackendError) in
            try await store.renew(worker: worker, workflows: workflows, activities: activities)
        }
    }

    func recover(worker: String, keeping nonces: [String]) async throws(BackendError) {
        try await send("recover keeping \(nonces)") { () async throws(BackendError) in
            let kept = Set(store.nonces(heldBy: worker)).intersection(nonces)
            try await store.recover(worker: worker, keeping: nonces)
            let held = Set(store.nonces(heldBy: worker))
            if held != kept { world.fail("after recover \(worker) holds \(held.sorted()), not \(kept.sorted())") }
        }
    }

    /// As every backend does it: five seconds at most.
    func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError) {
        await machine.goOn()
        let waiting = Task { () async -> BackendError? in
            do throws(BackendError) {
                try await store.waitForWork(worker: worker, until: due)
                return nil
            } catch {
                return error
            }
        }
        let bound = Task {
            try await world.scheduler.sleep(until: world.scheduler.now + .seconds(5))
            waiting.cancel()
        }
        let error = await withTaskCancellationHandler {
            await waiting.value
        } onCancel: {
            waiting.cancel()
        }
        bound.cancel()
        await machine.goOn()
        if let error, error.code != .cancelled || Task.isCancelled { throw error }
    }
}

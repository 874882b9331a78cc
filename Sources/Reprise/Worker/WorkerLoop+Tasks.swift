import Logging

/// What a worker does with the tasks that it holds.
extension WorkerLoop {
    // MARK: Activities

    func perform(_ attempt: ActivityAttempt, remaining: Duration) async {
        let nonce = attempt.task.claim.nonce
        let silence = watchSilence(of: attempt)
        let result = await attempt.run { [runner] in
            await runner.run(attempt, remaining: remaining) { Task { await self.outlived(attempt.task.claim) } }
        }
        silence?.cancel()
        attempts[nonce] = nil
        var isFilled = false
        if isWanted(result, of: attempt) {
            isFilled = await complete(attempt, result)
        } else {
            attempt.heartbeats.cancel()
        }
        activities.held[nonce] = nil
        lost.remove(nonce)
        slotFreed(isFilled: isFilled)
    }

    /// Whether to report how an attempt ended. Of a cancelled one the operation is gone or another's, but for one that is
    /// late by this worker's own clock: it may be in time by the backend's, which records the timeout if it isn't.
    private func isWanted(_ result: ActivityCompletion.Result, of attempt: ActivityAttempt) -> Bool {
        switch (attempt.cancellationReason, result) {
        case (nil, _), (.timedOut, .completed): true
        default: false
        }
    }

    func heartbeat(_ claim: ActivityClaim, details: [UInt8]?) async -> Bool {
        do throws(BackendError) {
            if try await backend.heartbeat(claim, details: details) == .superseded { lose(claim.nonce, .claimLost) }
            return true
        } catch {
            logger.debug("a heartbeat did not reach the store", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// - Returns: whether a claim in the same call has asked for the slot.
    private func complete(_ attempt: ActivityAttempt, _ result: ActivityCompletion.Result) async -> Bool {
        let claim = attempt.task.claim
        inProgress += 1
        completing.insert(claim.nonce)
        defer {
            inProgress -= 1
            completing.remove(claim.nonce)
        }
        // Free while the completion is under way: its claim may fill the slot.
        activities.held[claim.nonce] = nil
        if case .completed = result { attempt.heartbeats.cancel() } else { await attempt.heartbeats.finish() }
        let completion = ActivityCompletion(claim: claim, result: result)
        let request = claimRequest()
        do throws(BackendError) {
            let (_, work) = try await backend.complete(completion, claiming: request)
            if let request { work.map { take($0, for: request) } ?? giveUp(request) }
            return work != nil
        } catch {
            if let request { giveUp(request) }
            activities.held[claim.nonce] = claim
            await recover(from: error)
            _ = await untilAnswered(claim.nonce) { () async throws(BackendError) in
                try await backend.complete(completion, claiming: nil)
            }
            return false
        }
    }

    // MARK: Turns

    func advance(_ task: WorkflowTask) async {
        let nonce = task.claim.nonce
        watchTurns()
        var isFilled = false
        if let engine = await engine(for: task) {
            // It only reads what was decided: no step is in progress, and no thread switch is needed.
            if engine.isRunning, engine.historySize.reaches(options.historyLimit) {
                await evict(engine)
                await block(task, historySize: engine.historySize)
            } else if let draft = engine.draft(buildID: options.buildID) {
                isFilled = await commit(draft, of: engine, task)
            } else {
                await evict(engine)
                await giveBack(task, engine.failure)
            }
        }
        turns.held[nonce] = nil
        lost.remove(nonce)
        inProgress -= 1
        slotFreed(isFilled: isFilled)
    }

    /// The run's engine, with all arrivals of the task stepped; `nil` if its history can't be had, or the turn was given up.
    private func engine(for task: WorkflowTask) async -> ReplayEngine? {
        let (cached, stale) = cache.take(task.claim.run, at: task.lastCommit)
        if let stale { await evict(stale) }
        var history = task.history
        if cached == nil, task.historyStart > 0 { history = [] }
        if (cached == nil && task.historyStart > 0) || task.hasMore {
            let start = history.last?.number ?? 0
            guard
                let rest = await untilAnswered(
                    task.claim.nonce,
                    { () async throws(BackendError) in
                        try await backend.wholeHistory(of: task.claim.run, after: start)
                    })
            else {
                if let cached { await evict(cached) }
                await giveBack(task, unanswered: "the history of run \(task.claim.run) can't be read")
                return nil
            }
            history += rest
        }
        guard let engine = cached ?? makeEngine(task, history.first) else {
            await giveBack(task, TurnFailure(.unknownType, "this worker has no workflow \(task.type)"))
            return nil
        }
        let through = task.through
        let entries = history
        await threads.run(engine) {
            engine.load(entries)
            engine.advance(committedThrough: through)
        }
        guard await runLocalActivities(of: engine, task) else {
            await evict(engine)
            await release(task, .handBack)
            return nil
        }
        return engine
    }

    private func makeEngine(_ task: WorkflowTask, _ first: HistoryEntry?) -> ReplayEngine? {
        guard let workflow = registry.workflows[task.type] else { return nil }
        let record = first.flatMap { try? StartRecord(decoding: $0.payload) }
        return ReplayEngine(
            run: task.claim.run, workflow: workflow, version: record?.version ?? "", queue: task.queue, codec: codec,
            logger: logger)
    }

    /// - Returns: whether a claim in the same call has asked for the slot.
    private func commit(_ draft: TurnDraft, of engine: ReplayEngine, _ task: WorkflowTask) async -> Bool {
        var draft = draft
        var refusals = 0
        while true {
            var commit = draft.commit(claim: task.claim, queue: task.queue)
            commit.closesRegardless = refusals >= 3
            let (answer, isFilled) = await send(commit, of: engine)
            switch answer {
            case .committed:
                await evictRetired()
                return isFilled
            case .refused(let unseen):
                refusals += 1
                let next = await threads.run(engine) { [options] in
                    engine.load(unseen)
                    engine.advance(committedThrough: 0)
                    return engine.draft(buildID: options.buildID)
                }
                guard let next else {
                    await evict(engine)
                    await giveBack(task, engine.failure)
                    return false
                }
                draft = next
            case .fenced:
                logger.info("a turn was overtaken and dropped", metadata: ["run": "\(task.claim.run)"])
                await evict(engine)
                return isFilled
            case nil:
                await evict(engine)
                await giveBack(task, unanswered: "the store did not take a turn of run \(task.claim.run)")
                return false
            }
        }
    }

    private func send(_ commit: Commit, of engine: ReplayEngine) async -> (answer: CommitAnswer?, isFilled: Bool) {
        let nonce = commit.claim.nonce
        turns.held[nonce] = nil
        let request = claimRequest()
        turns.held[nonce] = commit.claim
        do throws(BackendError) {
            let (answer, work) = try await backend.commit(commit, claiming: request)
            if case .refused = answer {} else { turns.held[nonce] = nil }
            // Before the work is taken: it may be the same run's next turn, which then finds the engine.
            if answer == .committed { keep(engine, commit) }
            if let request { work.map { take($0, for: request) } ?? giveUp(request) }
            return (answer, work != nil)
        } catch {
            if let request { giveUp(request) }
            await recover(from: error)
            let answer = await untilAnswered(nonce) { () async throws(BackendError) in
                try await backend.commit(commit, claiming: nil).answer
            }
            if answer == .committed { keep(engine, commit) }
            return (answer, false)
        }
    }

    /// Keeps the engine of a run that goes on. No step is in progress, so no thread of its own is needed.
    private func keep(_ engine: ReplayEngine, _ commit: Commit) {
        guard commit.closing == nil else { return retired.append(engine) }
        engine.didCommit(bytes: commit.turn?.count)
        retired += cache.put(engine.run, RunCache.Entry(engine: engine, lastCommit: commit.claim.nonce))
    }

    private func evictRetired() async {
        let engines = retired
        retired = []
        for engine in engines { await evict(engine) }
    }

    private func evict(_ engine: ReplayEngine) async {
        await threads.run(engine) { engine.evict() }
    }

    /// Gives back a run whose turn failed: to be tried again later, or blocked when it was tried often enough.
    private func giveBack(_ task: WorkflowTask, _ failure: TurnFailure?) async {
        guard !lost.contains(task.claim.nonce) else { return }
        let reason = failure?.message ?? "the turn failed"
        let failures = task.turnFailures + 1
        let delay = options.turnRetry.delay(after: failures)
        logger.error(
            delay == nil ? "a turn failed, the run is blocked" : "a turn failed and will be tried again",
            metadata: ["run": "\(task.claim.run)", "failures": "\(failures)", "reason": "\(reason)"])
        await release(task, delay.map { .retry(after: $0, reason: reason) } ?? .block(reason: reason))
    }

    /// Gives back a run whose turn the store refused for good, or didn't answer before this worker had to stop: that is
    /// no failure of the turn.
    private func giveBack(_ task: WorkflowTask, unanswered problem: String) async {
        if isDraining { return await release(task, .handBack) }
        await giveBack(task, TurnFailure(.corruptHistory, problem))
    }

    /// Blocks a run whose history is too long to go on: every replay would cost more, and fail at last for want of memory.
    private func block(_ task: WorkflowTask, historySize size: HistorySize) async {
        let limit = options.historyLimit
        let reason = """
            the history has \(size.count) entries and \(size.bytes) bytes; the limit is \(limit.count) entries or \
            \(limit.bytes) bytes. Let the workflow continue as new when its context says shouldContinueAsNew. This run \
            can be terminated, or go on with a worker whose historyLimit is higher
            """
        logger.error(
            "a history is too long, the run is blocked", metadata: ["run": "\(task.claim.run)", "reason": "\(reason)"])
        await release(task, .block(reason: reason))
    }

    private func release(_ task: WorkflowTask, _ disposition: WorkflowRelease.Disposition) async {
        let release = WorkflowRelease(claim: task.claim, disposition: disposition)
        _ = await untilAnswered(task.claim.nonce) { () async throws(BackendError) in
            try await backend.release(release)
        }
    }
}

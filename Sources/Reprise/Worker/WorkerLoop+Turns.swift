import Logging

/// What a worker does with turns.
extension WorkerLoop {
    /// Begins to take turns, together; those of which not the whole history is at hand wait for it, each alone.
    func advance(_ tasks: [WorkflowTask]) {
        guard !tasks.isEmpty else { return }
        inProgress += tasks.count
        for task in tasks { turns.held[task.claim.nonce] = task.claim }
        watchTurns()
        begin(tasks)
    }

    func begin(_ tasks: [WorkflowTask]) {
        var ready: [TurnWork] = []
        for task in tasks where !isHeldUp(task) {
            let (cached, stale) = cache.take(task.claim.run, at: task.lastCommit)
            if let stale { evict([stale]) }
            if task.hasMore || cached == nil && task.historyStart > 0 {
                Task { await advance(task, cached) }
            } else if let turn = turn(task, cached, task.history) {
                ready.append(turn)
            }
        }
        step(ready)
    }

    /// Reads what a task lacks of the history: the beginning, if the run is not in memory any more, and the end of a long one.
    private func advance(_ task: WorkflowTask, _ cached: ReplayEngine?) async {
        let history = await untilAnswered(task.claim.nonce) { () async throws(BackendError) in
            let (run, start) = (task.claim.run, task.historyStart)
            var history = cached == nil ? try await backend.wholeHistory(of: run, through: start) : []
            history += task.history
            if task.hasMore { history += try await backend.wholeHistory(of: run, after: history.last?.number ?? start) }
            return history
        }
        guard let history else {
            if let cached { evict([cached]) }
            return await giveBack(task, unanswered: "the history of run \(task.claim.run) can't be read")
        }
        if let turn = turn(task, cached, history) { step([turn]) }
    }

    /// A turn that can be stepped; `nil` if this worker doesn't know the workflow, and has given the task back.
    private func turn(_ task: WorkflowTask, _ cached: ReplayEngine?, _ history: [HistoryEntry]) -> TurnWork? {
        guard let engine = cached ?? makeEngine(task, history.first) else {
            Task {
                await giveBack(task, TurnFailure(.unknownType, "this worker has no workflow \(task.type)"))
            }
            return nil
        }
        return TurnWork(task: task, engine: engine, entries: history, committedThrough: task.through)
    }

    private func makeEngine(_ task: WorkflowTask, _ first: HistoryEntry?) -> ReplayEngine? {
        guard let workflow = registry.workflows[task.type] else { return nil }
        let record = first.flatMap { try? StartRecord(decoding: $0.payload) }
        return ReplayEngine(
            run: task.claim.run, workflow: workflow, version: record?.version ?? "", queue: task.queue, codec: codec,
            logger: logger)
    }

    private func step(_ turns: [TurnWork]) {
        guard !turns.isEmpty else { return }
        threads.run(turns.map(\.engine)) { index in
            let turn = turns[index]
            turn.engine.load(turn.entries)
            turn.engine.advance(committedThrough: turn.committedThrough)
        } finished: { indices in
            Task { await self.didStep(indices.map { turns[$0] }) }
        }
    }

    /// Commits what was stepped. No step is in progress, so the engines can be read from here.
    private func didStep(_ turns: [TurnWork]) async {
        for turn in turns {
            if turn.engine.hasLocalWork {
                Task { await finishLocally(turn) }
            } else if let commit = commit(of: turn) {
                unrecorded.commits.append(commit)
                stepped.append(turn)
            }
        }
        await recordHere()
    }

    private func finishLocally(_ turn: TurnWork) async {
        if await runLocalActivities(of: turn.engine, turn.task) { return await didStep([turn]) }
        evict([turn.engine])
        await release(turn.task, .handBack)
    }

    /// What to record of a turn; `nil` if it was given back.
    private func commit(of turn: TurnWork) -> Commit? {
        let (engine, task) = (turn.engine, turn.task)
        let size = engine.historySize
        if engine.isRunning, size.reaches(options.historyLimit) {
            evict([engine])
            Task { await block(task, historySize: size) }
            return nil
        }
        guard let draft = engine.draft(buildID: options.buildID) else {
            let failure = engine.failure
            evict([engine])
            Task { await giveBack(task, failure) }
            return nil
        }
        var commit = draft.commit(claim: task.claim, queue: task.queue)
        commit.closesRegardless = turn.refusals >= 3
        return commit
    }

    func settle(_ turn: TurnWork, _ commit: Commit, _ answer: Result<CommitAnswer, BackendError>, isFilled: Bool) {
        switch answer {
        case .success(let answer): settle(turn, commit, answer, isFilled: isFilled)
        case .failure(let error): Task { await record(commit, of: turn, after: error) }
        }
    }

    /// Records a turn again of which the store may not know.
    private func record(_ commit: Commit, of turn: TurnWork, after error: BackendError) async {
        await recover(from: error)
        let answer = await untilAnswered(commit.claim.nonce) { () async throws(BackendError) in
            try await backend.commit(commit, claiming: nil).answer
        }
        settle(turn, commit, answer, isFilled: false)
        evictRetired()
    }

    /// - Parameter isFilled: whether a claim in the same call has asked for the slot.
    private func settle(_ turn: TurnWork, _ commit: Commit, _ answer: CommitAnswer?, isFilled: Bool) {
        let (engine, task) = (turn.engine, turn.task)
        switch answer {
        case .committed:
            keep(engine, commit)
            over(task, isFilled: isFilled)
        case .refused(let unseen):
            step([turn.refused(unseen)])
        case .fenced:
            logger.info("a turn was overtaken and dropped", metadata: ["run": "\(task.claim.run)"])
            retired.append(engine)
            over(task, isFilled: isFilled)
        case nil:
            retired.append(engine)
            Task { await giveBack(task, unanswered: "the store did not take a turn of run \(task.claim.run)") }
        }
    }

    /// Keeps the engine of a run that goes on. No step is in progress, so no thread of its own is needed.
    func keep(_ engine: ReplayEngine, _ commit: Commit) {
        guard commit.closing == nil else { return retired.append(engine) }
        engine.didCommit(bytes: commit.turn?.count)
        retired += cache.put(engine.run, RunCache.Entry(engine: engine, lastCommit: commit.claim.nonce))
    }

    func evictRetired() {
        evict(retired)
        retired = []
    }

    /// Ends what the code of runs waits for, on a thread for such code.
    func evict(_ engines: [ReplayEngine]) {
        guard !engines.isEmpty else { return }
        threads.run(engines) {
            engines[$0].evict()
        } finished: { _ in
        }
    }

    /// A task is nothing to this worker any more.
    private func over(_ task: WorkflowTask, isFilled: Bool = false) {
        turns.held[task.claim.nonce] = nil
        lost.remove(task.claim.nonce)
        inProgress -= 1
        slotFreed(isFilled: isFilled)
    }

    // MARK: Giving back

    /// Gives back a run whose turn failed: to be tried again later, or blocked when it was tried often enough.
    private func giveBack(_ task: WorkflowTask, _ failure: TurnFailure?) async {
        guard !lost.contains(task.claim.nonce) else { return over(task) }
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
        over(task)
    }
}

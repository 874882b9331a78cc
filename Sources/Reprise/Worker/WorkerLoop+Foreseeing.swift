import OrderedCollections

/// How a worker goes on with runs before their results are recorded.
///
/// The worker that runs an activity often has its run in memory. Then it steps the run with the result, and hands in both: a step
/// of a workflow is one call. Results that come meanwhile are next. If something else came to the run, the store records nothing of
/// that turn; the run is dropped from memory, and its results go the usual way.
extension WorkerLoop {
    /// For how long a result may be held back by workflow code.
    private static let patience = Duration.seconds(1)
    /// How many results a turn may bring: their entries are written by one script.
    private static let maxResults = 32

    /// Steps a run in memory with a result, if it waits for that.
    ///
    /// - Returns: whether it may. If not, the result goes the usual way.
    func foresee(_ completion: ActivityCompletion, of attempt: ActivityAttempt) -> Bool {
        guard completion.output != nil, storeTime != nil, !isDraining, canBeHeldBack(attempt) else { return false }
        return foresee(completion)
    }

    /// Whether an attempt doesn't time out meanwhile.
    private func canBeHeldBack(_ attempt: ActivityAttempt) -> Bool {
        let limit = WorkerLoop.patience * 2
        return attempt.deadline - runtime.now() > limit && (attempt.task.heartbeat.map { $0 > limit } ?? true)
    }

    private func foresee(_ completion: ActivityCompletion) -> Bool {
        let (run, operation) = (completion.claim.run, completion.claim.operation)
        // Another result of the run that is under way would come between.
        guard heldUp[run] == nil, plainResults[run] == nil else { return false }
        if foreseeing[run] != nil {
            foreseeing[run]?.later.append(completion)
            return true
        }
        // A run that others have advanced since doesn't know what was scheduled then.
        guard let engine = cache[run]?.engine, engine.isOpen(operation), !unforeseenTypes.contains(engine.info.type),
            !unforeseen.contains(where: { $0.claim.run == run && $0.claim.operation == operation })
        else { return false }
        unforeseen.append(completion)
        if attempts.isEmpty, recordings == 0, inProgress == unforeseen.count {
            // This is all that the worker has begun: nothing else can end by the time a task for it runs.
            foreseeAll()
        } else if unforeseen.count == 1 {
            // What else has ended by the time it runs is stepped with it.
            Task { foreseeAll() }
        }
        return true
    }

    private func foreseeAll() {
        let byRun = OrderedDictionary(grouping: unforeseen, by: \.claim.run)
        unforeseen = []
        var works: [ForeseenWork] = []
        for (run, completions) in byRun {
            guard let time = storeTime, let (engine, lastCommit) = cache.remove(run) else {
                report(completions)
                continue
            }
            claims += 1
            var work = ForeseenWork(
                engine: engine, claim: WorkflowClaim(run: run, epoch: 0, nonce: "\(registration.id):\(claims).0"),
                lastCommit: lastCommit, time: time, completions: Array(completions.prefix(WorkerLoop.maxResults)),
                start: runtime.now())
            work.later = Array(completions.dropFirst(WorkerLoop.maxResults))
            foreseeing[run] = work
            works.append(work)
        }
        guard !works.isEmpty else { return }
        watchTurns()
        threads.run(works.map(\.engine)) { [works] index in
            works[index].engine.load(works[index].entries())
            works[index].engine.advance(committedThrough: 0)
        } finished: { [works] indices in
            Task { await self.didForesee(indices.map { works[$0] }) }
        }
    }

    /// No step is in progress, so the engines can be read from here.
    private func didForesee(_ works: [ForeseenWork]) async {
        for work in works {
            let run = work.claim.run
            guard foreseeing[run] != nil else {
                // It was given up.
                evict([work.engine])
                begin(heldUp.removeValue(forKey: run) ?? [])
                continue
            }
            guard let commit = commit(of: work) else {
                // The usual way tells what is the matter, or does what takes longer.
                evict([work.engine])
                giveUp(run)
                continue
            }
            foreseeing[run]?.isStepped = true
            for completion in work.completions { activities.held[completion.claim.nonce] = nil }
            unrecorded.foreseen.append(
                ForeseenTurn(
                    completions: work.completions, time: work.time, lastCommit: work.lastCommit, commit: commit))
            foreseen.append(work.engine)
        }
        await recordHere()
    }

    /// What to record of a turn; `nil` if it can't be with its results.
    private func commit(of work: ForeseenWork) -> Commit? {
        let engine = work.engine
        if engine.hasLocalWork { unforeseenTypes.insert(engine.info.type) }
        guard !engine.hasLocalWork, !engine.isRunning || !engine.historySize.reaches(options.historyLimit),
            let draft = engine.draft(buildID: options.buildID), draft.closing != .continuedAsNew
        else { return nil }
        return draft.commit(claim: work.claim, queue: queue)
    }

    func settle(
        _ turn: ForeseenTurn, _ engine: ReplayEngine, _ answer: Result<Bool, BackendError>, isFilled: Bool
    ) {
        let later = foreseeing.removeValue(forKey: turn.commit.claim.run)?.later ?? []
        switch answer {
        case .success(true):
            keep(engine, turn.commit)
            for completion in turn.completions { didRecord(completion, isFilled: isFilled) }
        case .success(false):
            retired.append(engine)
            report(turn.completions)
        case .failure(let error):
            // Perhaps it is recorded: then its results are known, and the next turn begins with the whole history.
            retired.append(engine)
            countPlain(turn.completions)
            for completion in turn.completions { settle(completion, .failure(error), isFilled: isFilled) }
        }
        report(later.filter { !foresee($0) })
    }

    // MARK: Giving up

    /// Hands in the results of a run the usual way.
    private func giveUp(_ run: RunID) {
        guard let work = foreseeing.removeValue(forKey: run) else { return }
        report(work.completions + work.later)
    }

    /// Gives up what workflow code holds back for too long.
    func giveUpForeseeing() {
        let now = runtime.now()
        for (run, work) in foreseeing where !work.isStepped && now - work.start > WorkerLoop.patience {
            heldUp[run] = []
            giveUp(run)
        }
    }

    /// Lets a task wait whose run is held up.
    func isHeldUp(_ task: WorkflowTask) -> Bool {
        guard heldUp[task.claim.run] != nil else { return false }
        heldUp[task.claim.run]?.append(task)
        return true
    }
}

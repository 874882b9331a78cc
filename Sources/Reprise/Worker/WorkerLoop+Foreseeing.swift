import Logging
import OrderedCollections

/// How a worker goes on with runs before their results are recorded.
///
/// The worker that runs an activity often has its run in memory. Then it steps the run with the result, and hands in both: a step
/// of a workflow is one call. If something else came to the run meanwhile, the store records nothing of it; the run is dropped from
/// memory, and the result goes the usual way.
extension WorkerLoop {
    /// For how long a result may be held back by workflow code.
    private static let patience = Duration.seconds(1)

    /// Steps a run in memory with a result, if it waits for that.
    ///
    /// - Returns: whether it does. A run that others have advanced since doesn't know what was scheduled then.
    func foresee(_ completion: ActivityCompletion) -> Bool {
        guard completion.output != nil, storeTime != nil, !isDraining,
            let engine = cache[completion.claim.run]?.engine, engine.isOpen(completion.claim.operation),
            !unforeseenTypes.contains(engine.info.type)
        else { return false }
        unforeseen.append(completion)
        if unforeseen.count == 1 {
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
            let claim = WorkflowClaim(run: run, epoch: 0, nonce: "\(registration.id):\(claims).0")
            let work = ForeseenWork(
                engine: engine, claim: claim, lastCommit: lastCommit, time: time, completions: completions,
                start: runtime.now())
            foreseeing[claim.nonce] = work
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
    private func didForesee(_ works: [ForeseenWork]) {
        for work in works {
            guard foreseeing.removeValue(forKey: work.claim.nonce) != nil else {
                evict([work.engine])
                begin(heldUp.removeValue(forKey: work.claim.run) ?? [])
                continue
            }
            guard let commit = commit(of: work) else {
                // The usual way tells what is the matter, or does what takes longer.
                evict([work.engine])
                report(work.completions)
                continue
            }
            for completion in work.completions { activities.held[completion.claim.nonce] = nil }
            unrecorded.foreseen.append(
                ForeseenTurn(
                    completions: work.completions, time: work.time, lastCommit: work.lastCommit, commit: commit))
            foreseen.append(work.engine)
        }
        if unrecorded.count > 0 { record() }
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

    /// Gives up what workflow code holds back for too long.
    func giveUpForeseeing() {
        let now = runtime.now()
        for (nonce, work) in foreseeing where now - work.start > WorkerLoop.patience {
            foreseeing[nonce] = nil
            heldUp[work.claim.run] = []
            unforeseenTypes.insert(work.engine.info.type)
            report(work.completions)
        }
    }

    /// Lets a task wait whose run is held up.
    func isHeldUp(_ task: WorkflowTask) -> Bool {
        guard heldUp[task.claim.run] != nil else { return false }
        heldUp[task.claim.run]?.append(task)
        return true
    }

    func settle(
        _ turn: ForeseenTurn, _ engine: ReplayEngine, _ answer: Result<Bool, BackendError>, isFilled: Bool
    ) {
        switch answer {
        case .success(true):
            keep(engine, turn.commit)
            for completion in turn.completions { didReport(completion, isFilled: isFilled) }
        case .success(false):
            retired.append(engine)
            report(turn.completions)
        case .failure(let error):
            // Perhaps it is recorded: then its results are known, and the next turn begins with the whole history.
            retired.append(engine)
            for completion in turn.completions { settle(completion, .failure(error), isFilled: isFilled) }
        }
    }
}

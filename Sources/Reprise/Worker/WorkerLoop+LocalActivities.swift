/// Local activities: run between two steps of one turn, and recorded with it.
extension WorkerLoop {
    /// Runs the local activities that a turn asks for, until it asks for none. They run side by side; each result is a
    /// step of its own, in the order in which they end. What the workflow doesn't wait for any more is cancelled.
    ///
    /// - Returns: whether the turn can be recorded. It can't without a result that the workflow waits for: no replay would
    ///   run the activity again.
    func runLocalActivities(of engine: ReplayEngine, _ task: WorkflowTask) async -> Bool {
        let nonce = task.claim.nonce
        // Most turns have none: then nothing is paid for.
        let first = engine.takeLocalWork()
        guard !first.isEmpty else { return true }
        defer { localActivities[nonce] = nil }
        var isComplete = true
        await withTaskGroup(of: (work: LocalWork, result: LocalResult.Result?).self) { group in
            func start(_ all: [LocalWork]) {
                for work in all {
                    let running = begin(work, of: task)
                    group.addTask { (work, await running.value) }
                }
            }
            start(first)
            while let (work, result) = await group.next() {
                localActivities[nonce]?[work.operation] = nil
                if let result {
                    await threads.run(engine) { engine.finishLocal(work.operation, result) }
                    start(engine.takeLocalWork())
                } else if registry.activities[work.name] == nil {
                    engine.fail(missing: work.name)
                } else if engine.isWaiting(forLocal: work.operation) {
                    isComplete = false
                }
                for (operation, running) in localActivities[nonce] ?? [:]
                where !engine.isWaiting(forLocal: operation) { running.cancel() }
            }
        }
        return isComplete || !engine.isRunning
    }

    private func begin(_ work: LocalWork, of task: WorkflowTask) -> Task<LocalResult.Result?, Never> {
        let nonce = task.claim.nonce
        let running = Task { [runner] in await runner.runLocally(work, of: task) }
        if isDraining || lost.contains(nonce) { running.cancel() }
        localActivities[nonce, default: [:]][work.operation] = running
        return running
    }

    /// Gives up the local activities of a turn, and with them the turn.
    func cancelLocalActivities(of nonce: String) {
        for running in localActivities[nonce, default: [:]].values { running.cancel() }
    }
}

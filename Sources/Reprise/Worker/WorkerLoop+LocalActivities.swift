/// Local activities: run between two steps of one turn, and recorded with it.
extension WorkerLoop {
    /// Runs the local activities that a turn asks for, until it asks for none. They run side by side; each result is a
    /// step of its own, in the order in which they end.
    func runLocalActivities(of engine: ReplayEngine, _ task: WorkflowTask) async {
        // Most turns have none: then nothing is paid for.
        let first = engine.takeLocalWork()
        guard !first.isEmpty else { return }
        await withTaskGroup(of: (work: LocalWork, result: LocalResult.Result?).self) { [runner] group in
            func start(_ all: [LocalWork]) {
                for work in all { group.addTask { (work, await runner.runLocally(work, of: task)) } }
            }
            start(first)
            while let (work, result) = await group.next() {
                if lost.contains(task.claim.nonce) { group.cancelAll() }
                guard let result else {
                    if registry.activities[work.name] == nil { engine.fail(missing: work.name) }
                    continue
                }
                await threads.run(engine) { engine.finishLocal(work.operation, result) }
                start(engine.takeLocalWork())
                if !engine.isRunning { group.cancelAll() }
            }
        }
    }
}

import Logging

/// What a worker does about workflow code that doesn't give its thread back.
extension WorkerLoop {
    /// How long a turn may hold its thread. Most take microseconds; the replay of a long history takes milliseconds.
    private static let turnLimit = Duration.seconds(1)

    /// Sees to it that other runs go on, and says which workflow it is and where.
    func watchTurns() {
        guard runtime.hasThreads, watchdog == nil else { return }
        watchdog = Task {
            while turns.inUse > 0 || foreseeing.values.contains(where: { !$0.isStepped }) || !heldUp.isEmpty {
                try? await Task.sleep(for: WorkerLoop.turnLimit / 2)
                for engine in threads.relieve(after: WorkerLoop.turnLimit) {
                    logger.error(
                        """
                        a turn of workflow \(engine.info.type) doesn't give its thread back: does its code loop or block? \
                        Its last call was \(engine.lastCall ?? "none"). Other runs go on
                        """, metadata: ["run": "\(engine.run)", "workflow": "\(engine.info.type)"])
                }
                giveUpForeseeing()
            }
            watchdog = nil
        }
    }
}

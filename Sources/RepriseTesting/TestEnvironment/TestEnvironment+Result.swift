public import Reprise

extension TestEnvironment {
    /// Moves the clock until a run is closed, and returns what it returned.
    ///
    /// ```swift
    /// let subscription = try await environment.start(Subscription.self, id: "sub-1", input)
    /// #expect(try await environment.result(of: subscription).paid == 1200)  // three years later
    /// ```
    ///
    /// - Throws: ``StuckRun`` if it can't go on: an activity that it waits for has no implementation here, it is blocked, or
    ///   it waits for something that only the test can send; else as ``WorkflowHandle/result(timeout:)``.
    public func result<Target: Workflow>(of handle: WorkflowHandle<Target>) async throws -> Target.Output {
        var run = handle.run
        while true {
            try Task.checkCancellation()
            await settle()
            let description = try await backend.describe(workflowID: run.workflowID, runNumber: run.number)
            if let successor = description.successor {
                run = successor
            } else if description.state.isClosed {
                return try await handle.result()
            } else if let reason = obstacle(for: description) {
                throw StuckRun(run: run, reason: reason)
            } else if await !backend.advanceToNextDue() {
                throw StuckRun(
                    run: run,
                    reason:
                        "it is \(description.state), and nothing is due. Does it wait for a signal, or for a webhook?")
            }
        }
    }

    /// What no passing of time removes.
    private func obstacle(for description: RunDescription) -> String? {
        guard description.state != .blocked, description.state != .paused else {
            return "it is \(description.state)" + (description.reason.map { ": \($0)" } ?? "")
        }
        let own = backend.strandedTasks.filter { $0.run == description.run }
        guard !own.isEmpty else { return nil }
        return own.map { task in
            let remedy = task.isActivity ? "add it, or a stub of it," : "add it"
            return task.queue.isExactly(queue)
                ? "\(task.isActivity ? "activity" : "workflow") \(task.type) is not in this environment; \(remedy) to its list"
                : "\(task.type) is in queue \(task.queue), which nobody serves here; run a Worker for it on the backend"
        }.joined(separator: "; ")
    }
}

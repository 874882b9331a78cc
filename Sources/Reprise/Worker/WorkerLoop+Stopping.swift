import Logging

/// How a worker stops.
extension WorkerLoop {
    /// Stops claiming; ``run()`` then hands back what is unfinished and returns.
    func drain() {
        guard !isDraining else { return }
        isDraining = true
        registering?.cancel()
        waiting?.task.cancel()
        drainLimit = Task {
            try await runtime.sleep(for: WorkerLoop.finishLimit)
            isOverdue = true
            claiming?.cancel()
            recovery?.cancel()
            signalChange()
        }
        signalChange()
    }

    /// How long a worker that is told to stop waits for what it has begun, and then for the store to hear of it: for
    /// workflow code that doesn't give its thread back, or a store that is away, it would be for ever. Five seconds in all,
    /// less than the ten after which containers are killed.
    private static let finishLimit = Duration.seconds(4)
    private static let unregisterLimit = Duration.seconds(1)

    func finish() async {
        // What is being reported has ended.
        for claim in activities.held.values where !completing.contains(claim.nonce) { handBack(claim) }
        for nonce in localActivities.keys { cancelLocalActivities(of: nonce) }
        await wait {
            self.isOverdue
                || self.inProgress == 0 && self.claimsUnderWay.isEmpty && self.recovery == nil && self.waiting == nil
        }
        if inProgress > 0 {
            logger.warning(
                "the worker stops with work in progress: another does it again", metadata: ["count": "\(inProgress)"])
        }
    }

    /// Hands back what is left.
    func unregister() async {
        let call = Task { try? await backend.unregister(worker: registration.id) }
        let limit = Task {
            try await runtime.sleep(for: WorkerLoop.unregisterLimit)
            call.cancel()
        }
        await call.value
        limit.cancel()
    }

    /// Cancels an activity and gives it back.
    private func handBack(_ claim: ActivityClaim) {
        let attempt = attempts[claim.nonce]
        lose(claim.nonce, .workerStopping)
        inProgress += 1
        Task {
            await attempt?.heartbeats.finish()
            _ = try? await backend.release(claim)
            inProgress -= 1
            signalChange()
        }
    }

    /// Gives back what was claimed before the worker began to drain and came after.
    func handBack(_ work: ClaimedWork) {
        inProgress += 1
        Task {
            for task in work.workflowTasks {
                _ = try? await backend.release(WorkflowRelease(claim: task.claim, disposition: .handBack))
            }
            for task in work.activityTasks { _ = try? await backend.release(task.claim) }
            inProgress -= 1
            signalChange()
        }
    }
}

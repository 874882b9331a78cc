import Logging

/// What a worker does when its store is away, and against losing its claims.
extension WorkerLoop {
    /// Looks at the store's settings and registers, however long the store is away.
    func register() async throws {
        var backoff = Backoff(runtime)
        while !isDraining {
            do throws(BackendError) {
                try await checkStore()
                renewed = runtime.now()
                return try await backend.register(registration)
            } catch {
                guard !isDraining else { return }
                guard error.code == .unavailable || error.code == .outOfMemory else { throw error }
                logger.warning("the store is away, trying again", metadata: ["error": "\(error)"])
            }
            await backoff.pause()
        }
    }

    /// Warns of settings that are risky, and refuses those that are unsafe.
    private func checkStore() async throws(BackendError) {
        let findings = try await backend.preflight()
        for finding in findings {
            let level: Logger.Level = finding.severity == .note ? .debug : .warning
            logger.log(level: level, "the store's settings", metadata: ["finding": "\(finding)"])
        }
        let unsafe = findings.filter { $0.severity == .unsafe }
        guard !unsafe.isEmpty, !options.allowsUnsafeStore else { return }
        throw BackendError(
            .unsafeStore, unsafe.map(\.description).joined(separator: "; ") + "; or set WorkerOptions.allowsUnsafeStore"
        )
    }

    /// After a failed call: waits until the store answers, and clears up what a lost reply may have left. One recovery
    /// serves all calls that failed meanwhile, and no caller's cancellation ends it.
    func recover(from error: BackendError) async {
        beginRecovery(from: error)
        await recovery?.value
    }

    func beginRecovery(from error: BackendError) {
        logger.warning("a call to the store failed", metadata: ["error": "\(error)"])
        guard recovery == nil else { return }
        recovery = Task {
            await clearUp(after: error)
            recovery = nil
            signalChange()
        }
    }

    private func clearUp(after error: BackendError) async {
        // A claim whose answer is on its way is known of soon: what it brings must not be handed back.
        await wait { self.claimsUnderWay.isEmpty }
        var mustRegister = error.code == .workerNotRegistered
        while !isDraining {
            try? await runtime.sleep(for: recoveryBackoff.delay())
            do throws(BackendError) {
                if mustRegister { try await backend.register(registration) }
                return try await backend.recover(
                    worker: registration.id,
                    keeping: Array(turns.held.keys) + Array(activities.held.keys) + Array(completing))
            } catch {
                mustRegister = mustRegister || error.code == .workerNotRegistered
                logger.debug("the store is still away", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Repeats an idempotent call until the store answers, or the claim is lost. A worker that drains tries only a few
    /// times more: what it can't give back goes to another when the lease expires.
    func untilAnswered<Answer>(
        _ nonce: String, _ call: () async throws(BackendError) -> Answer
    ) async -> Answer? {
        var backoff = Backoff(runtime)
        var triesWhileDraining = 5
        while !lost.contains(nonce), triesWhileDraining > 0 {
            if isDraining { triesWhileDraining -= 1 }
            do throws(BackendError) {
                return try await call()
            } catch {
                guard [.unavailable, .misconfigured, .outOfMemory].contains(error.code) else {
                    logger.error("a call to the store failed for good", metadata: ["error": "\(error)"])
                    return nil
                }
            }
            await backoff.pause()
        }
        return nil
    }

    /// Renews registration and leases three times a lease, and stops work that the backend says is lost. A claim of a worker
    /// that holds nothing, as the backend knows, does, too.
    ///
    /// By the backend's word alone, not by this worker's own clock: while the store is away no lease ends, and after it
    /// expiry waits for those that renew. Work that was stopped meanwhile would be done twice for nothing. If only this
    /// worker can't reach the store, others take over what it goes on with; it hears of that when it is back, and until
    /// then can record nothing.
    func renewLeases() async {
        let usual = registration.lease / 3
        var due = renewed + usual
        while !Task.isCancelled {
            try? await runtime.sleep(due)
            guard !Task.isCancelled else { return }
            let now = runtime.now()
            due = renewed + usual
            // A claim has renewed meanwhile.
            if due > now { continue }
            do throws(BackendError) {
                try await renew()
                renewed = now
                due = now + usual
            } catch {
                logger.warning("leases could not be renewed", metadata: ["error": "\(error)"])
                // Soon: after a short outage what is left of the leases is short, too.
                due = runtime.now() + registration.lease / 12
            }
        }
    }

    private func renew() async throws(BackendError) {
        let (workflows, activities) = (Array(turns.held.values), Array(activities.held.values))
        let id = registration.id
        let gone: [String]
        do throws(BackendError) {
            gone = try await backend.renew(worker: id, workflows: workflows, activities: activities)
        } catch {
            guard error.code == .workerNotRegistered else { throw error }
            // The registration ended, perhaps not all leases: nobody may have taken the work yet.
            logger.warning("the registration had ended, registering again")
            try await backend.register(registration)
            gone = try await backend.renew(worker: id, workflows: workflows, activities: activities)
        }
        for nonce in gone { lose(nonce, .claimLost) }
    }

    func lose(_ nonce: String, _ reason: CancellationReason) {
        if turns.held[nonce] != nil || activities.held[nonce] != nil {
            lost.insert(nonce)
            attempts[nonce]?.cancel(reason)
            cancelLocalActivities(of: nonce)
        } else if let dot = nonce.lastIndex(of: ".") {
            // Word may overtake the answer that brings the task.
            claimsUnderWay[String(nonce[..<dot])]?[nonce] = reason
        }
    }

    /// Cancels activities whose results are not wanted any more as soon as the backend tells, until it is cancelled itself.
    func listenForCancellations() async {
        var backoff = Backoff(runtime)
        while !Task.isCancelled {
            let stream = try? await backend.cancellations(of: registration.id)
            // Also if it can't be had now: the next renewal tells what is lost, only later.
            hasAskedForCancellations = true
            signalChange()
            if let stream {
                for await cancellation in stream { lose(cancellation.nonce, cancellation.reason) }
            }
            await backoff.pause()
        }
    }
}

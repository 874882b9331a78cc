import Logging

/// What a worker does with activities.
extension WorkerLoop {
    /// Begins to run attempts.
    ///
    /// - Parameters:
    ///   - now: the store's time, by which their deadlines are.
    ///   - lostEarly: what is lost already, by nonce.
    func perform(_ tasks: [ActivityTask], now: Timestamp, lostEarly: [String: CancellationReason]) {
        for task in tasks {
            let nonce = task.claim.nonce
            activities.held[nonce] = task.claim
            let remaining = Duration.milliseconds(task.deadline.milliseconds - now.milliseconds)
            let attempt = ActivityAttempt(task, runtime, remaining: remaining) { details in
                await self.heartbeat(task.claim, details: details)
            }
            attempts[nonce] = attempt
            if let reason = lostEarly[nonce] { lose(nonce, reason) }
            let silence = watchSilence(of: attempt)
            attempt.start { [runner] in
                let result = await runner.run(attempt)
                silence?.cancel()
                await self.didRun(attempt, result)
            }
            watchDeadlines(from: attempt.deadline)
        }
    }

    private func didRun(_ attempt: ActivityAttempt, _ result: ActivityCompletion.Result) {
        let claim = attempt.task.claim
        attempts[claim.nonce] = nil
        guard isWanted(result, of: attempt) else {
            attempt.heartbeats.cancel()
            return over(claim, isFilled: false)
        }
        inProgress += 1
        completing.insert(claim.nonce)
        let completion = ActivityCompletion(claim: claim, result: result)
        if case .completed = result {
            attempt.heartbeats.cancel()
            if !foresee(completion, of: attempt) { report([completion]) }
        } else {
            activities.held[claim.nonce] = nil
            Task {
                await attempt.heartbeats.finish()
                report([completion])
            }
        }
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

    // MARK: Completions

    func report(_ completions: [ActivityCompletion]) {
        guard !completions.isEmpty else { return }
        // Free while the completion is under way: its claim may fill the slot.
        for completion in completions { activities.held[completion.claim.nonce] = nil }
        countPlain(completions)
        unrecorded.completions += completions
        record()
    }

    func settle(
        _ completion: ActivityCompletion, _ answer: Result<ActivityCompletion.Answer, BackendError>, isFilled: Bool
    ) {
        switch answer {
        case .success: didReport(completion, isFilled: isFilled)
        case .failure(let error): Task { await complete(completion, after: error) }
        }
    }

    /// Reports again what the store may not know.
    private func complete(_ completion: ActivityCompletion, after error: BackendError) async {
        activities.held[completion.claim.nonce] = completion.claim
        await recover(from: error)
        _ = await untilAnswered(completion.claim.nonce) { () async throws(BackendError) in
            try await backend.complete(completion, claiming: nil)
        }
        didReport(completion, isFilled: false)
    }

    private func didReport(_ completion: ActivityCompletion, isFilled: Bool) {
        let run = completion.claim.run
        plainResults[run] = plainResults[run].flatMap { $0 > 1 ? $0 - 1 : nil }
        didRecord(completion, isFilled: isFilled)
    }

    func countPlain(_ completions: [ActivityCompletion]) {
        for completion in completions { plainResults[completion.claim.run, default: 0] += 1 }
    }

    func didRecord(_ completion: ActivityCompletion, isFilled: Bool) {
        inProgress -= 1
        completing.remove(completion.claim.nonce)
        over(completion.claim, isFilled: isFilled)
    }

    private func over(_ claim: ActivityClaim, isFilled: Bool) {
        activities.held[claim.nonce] = nil
        lost.remove(claim.nonce)
        slotFreed(isFilled: isFilled)
    }
}

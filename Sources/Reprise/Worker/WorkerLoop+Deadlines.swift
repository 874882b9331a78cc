import Logging

/// What a worker does when an attempt that it runs has passed a deadline. If the store has heard of the worker since, that is
/// a timeout; else it waits until it knows whether the worker died. So it is told at once.
extension WorkerLoop {
    /// Sees to it that attempts are cancelled at their deadlines, of which this is the first.
    func watchDeadlines(from due: Duration) {
        if let deadlines, deadlines.due <= due { return }
        deadlines?.task.cancel()
        let task = Task {
            do { try await runtime.sleep(due) } catch { return }
            passDeadlines()
        }
        deadlines = (task, due)
    }

    /// One sleep serves all attempts: most are over long before.
    private func passDeadlines() {
        deadlines = nil
        let now = runtime.now()
        var next: Duration?
        for attempt in attempts.values {
            if attempt.deadline > now {
                next = min(next ?? attempt.deadline, attempt.deadline)
            } else if attempt.cancellationReason == nil {
                attempt.cancel(.timedOut)
                Task { await outlived(attempt.task.claim) }
            }
        }
        if let next { watchDeadlines(from: next) }
    }

    /// Tells the store that this worker has outlived a deadline of an attempt, and lets it record the timeout.
    func outlived(_ claim: ActivityClaim) async {
        overdue.append(claim)
        guard !isTellingOverdue else { return }
        isTellingOverdue = true
        // One call serves all that came meanwhile.
        while !overdue.isEmpty, !isDraining {
            let claims = overdue
            overdue = []
            do throws(BackendError) {
                let gone = try await backend.renew(worker: registration.id, workflows: [], activities: claims)
                for nonce in gone { lose(nonce, .timedOut) }
                if let request = claimRequest(needsRoom: false) { await carryOut(request) }
            } catch {
                // The next renewal of all leases tells.
                logger.debug("a timeout could not be told", metadata: ["error": "\(error)"])
            }
        }
        isTellingOverdue = false
    }

    /// Waits for heartbeat timeouts of an attempt, until it is cancelled; `nil` if it can't have one.
    func watchSilence(of attempt: ActivityAttempt) -> Task<Void, Never>? {
        guard let timeout = attempt.task.heartbeat else { return nil }
        return Task {
            var end = runtime.now() + timeout
            while attempt.cancellationReason == nil {
                do { try await runtime.sleep(end) } catch { return }
                end = attempt.heartbeats.lastHeard + timeout
                guard end <= runtime.now() else { continue }
                Task { await outlived(attempt.task.claim) }
                end = runtime.now() + timeout
            }
        }
    }
}

/// Local activities: the same implementations, run inside a turn.
extension ActivityRunner {
    /// Runs a local activity with its retries.
    ///
    /// - Returns: how it ended; `nil` if this worker doesn't have it, or the turn was given up meanwhile.
    func runLocally(_ work: LocalWork, of task: WorkflowTask) async -> LocalResult.Result? {
        guard registry.activities[work.name] != nil else { return nil }
        let end = work.timeouts.scheduleToClose.map { runtime.now() + $0 }
        var attempt = 1
        var deliveries = 0
        while !Task.isCancelled {
            deliveries += 1
            let remaining = end.map { $0 - runtime.now() }
            var failure: FailureRecord
            let delay: Duration?
            switch await run(work.task(of: task, attempt: attempt, deliveries: deliveries), work.timeouts, remaining) {
            case .completed(let output):
                return .completed(output)
            case _ where Task.isCancelled:
                // It failed because it was cancelled: that says nothing.
                return nil
            case .failed(let record, let isRetryable, let nextDelay):
                failure = record
                let mayRetry = isRetryable && !work.retry.nonRetryable.contains(where: record.type.isExactly)
                let planned = work.retry.delay(
                    after: attempt, run: task.claim.run.number, operation: work.operation)
                delay = mayRetry ? planned.map { nextDelay ?? $0 } : nil
                failure.attempts = attempt
                attempt += 1
            case .retry(let after, let reason):
                failure = .retryRequested(reason)
                failure.attempts = attempt - 1
                delay = after
            case .later:
                return .failed(
                    FailureRecord(
                        type: "InvalidArgument", message: "a local activity can't be completed later", attempts: attempt
                    ))
            }
            guard let delay else { return .failed(failure) }
            if let end, let limit = work.timeouts.scheduleToClose, runtime.now() + delay >= end {
                return .failed(
                    .timedOut(.scheduleToClose, after: limit, attempts: failure.attempts ?? attempt, cause: failure))
            }
            try? await runtime.sleep(for: delay)
        }
        return nil
    }

    /// Runs one attempt, which the turn's end cancels.
    ///
    /// - Parameter remaining: until the end of schedule-to-close.
    private func run(
        _ task: ActivityTask, _ timeouts: ActivityTimeouts, _ remaining: Duration?
    ) async -> ActivityCompletion.Result {
        let duration = min(timeouts.startToClose, remaining ?? timeouts.startToClose)
        // The store knows nothing of it: there is nobody to tell of its heartbeats.
        let attempt = ActivityAttempt(task, runtime, remaining: duration) { _ in true }
        let deadline = Task {
            do { try await runtime.sleep(attempt.deadline) } catch { return }
            attempt.cancel(.timedOut)
        }
        defer { deadline.cancel() }
        let result = await withTaskCancellationHandler {
            await attempt.start { await run(attempt) }.value
        } onCancel: {
            attempt.cancel(.claimLost)
        }
        guard attempt.cancellationReason == .timedOut, case .failed = result else { return result }
        if let limit = timeouts.scheduleToClose, duration < timeouts.startToClose {
            return .failed(.timedOut(.scheduleToClose, after: limit), isRetryable: false)
        }
        return .failed(.timedOut(.startToClose, after: duration), isRetryable: true)
    }
}

extension LocalWork {
    fileprivate func task(of task: WorkflowTask, attempt: Int, deliveries: Int) -> ActivityTask {
        ActivityTask(
            claim: ActivityClaim(run: task.claim.run, operation: operation, nonce: task.claim.nonce), name: name,
            workflowType: task.type, queue: task.queue, attempt: attempt, deliveries: deliveries, deaths: task.deaths,
            deadline: Timestamp(milliseconds: 0), input: input)
    }
}

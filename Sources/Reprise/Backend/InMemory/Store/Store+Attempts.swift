/// What follows an attempt that failed, and a timeout. The activity is nowhere when these are called.
extension Store {
    /// Counts an attempt that failed. The retry policy decides what follows.
    mutating func attemptFailed(
        _ operation: Int, of number: Int, _ failure: FailureRecord, isRetryable: Bool = true,
        nextDelay: Duration? = nil, at now: Timestamp
    ) -> ActivityCompletion.Answer {
        runs[number]!.operations[operation]!.activity!.failedAttempts += 1
        guard let activity = runs[number]!.operations[operation]!.activity else { return .resolved }
        let attempts = activity.failedAttempts
        if isRetryable, !activity.retry.nonRetryable.contains(where: failure.type.isExactly),
            let delay = activity.retry.delay(after: attempts, run: number, operation: operation)
        {
            return retry(operation, of: number, failure, after: nextDelay ?? delay, at: now)
        }
        var failure = failure
        failure.attempts = attempts
        fail(operation, of: number, failure, at: now)
        return .resolved
    }

    /// Lets an activity run again after a delay, unless that is too late.
    mutating func retry(
        _ operation: Int, of number: Int, _ failure: FailureRecord, after delay: Duration, at now: Timestamp
    ) -> ActivityCompletion.Answer {
        runs[number]!.operations[operation]!.activity!.lastFailure = failure
        runs[number]!.operations[operation]!.activity!.lastFailure!.attempts = nil
        let due = now.advanced(by: max(delay, .zero))
        if let deadline = runs[number]!.operations[operation]!.activity!.closeDeadline, due >= deadline {
            timedOutForGood(operation, of: number, .scheduleToClose, at: now)
            return .resolved
        }
        self.delay(operation, of: number, until: due)
        return .retrying(at: due)
    }

    /// An attempt reached a deadline, which passed at a time.
    mutating func attemptTimedOut(
        _ operation: Int, of number: Int, _ deadline: AttemptDeadline, passing passed: Timestamp, at now: Timestamp
    ) {
        guard let activity = runs[number]?.operations[operation]?.activity else { return }
        runs[number]!.operations[operation]!.activity!.deaths = 0
        if let close = activity.closeDeadline, close <= passed {
            runs[number]!.operations[operation]!.activity!.failedAttempts += 1
            timedOutForGood(operation, of: number, .scheduleToClose, at: now)
        } else if passed < deadline.end {
            let limit = activity.timeouts.heartbeat ?? .zero
            _ = attemptFailed(operation, of: number, .timedOut(.heartbeat, after: limit), at: now)
        } else {
            let limit = activity.timeouts.startToClose
            _ = attemptFailed(operation, of: number, .timedOut(.startToClose, after: limit), at: now)
        }
    }

    /// No worker took an activity in time.
    mutating func queuedActivityTimedOut(_ operation: Int, of number: Int, at now: Timestamp) {
        guard let open = runs[number]?.operations[operation], case .queued(let ticket, let timeout?) = open.source,
            let activity = open.activity
        else { return }
        queues[activity.queue]?.activities.remove(ticket)
        let isOver = activity.closeDeadline.map { $0 <= timeout.due } ?? false
        timedOutForGood(operation, of: number, isOver ? .scheduleToClose : .scheduleToStart, at: now)
    }

    private mutating func timedOutForGood(
        _ operation: Int, of number: Int, _ timeout: ActivityTimeout, at now: Timestamp
    ) {
        guard let activity = runs[number]!.operations[operation]?.activity else { return }
        let timeouts = activity.timeouts
        let limit = timeout == .scheduleToStart ? timeouts.scheduleToStart : timeouts.scheduleToClose
        let failure = FailureRecord.timedOut(
            timeout, after: limit ?? .zero, attempts: activity.failedAttempts, cause: activity.lastFailure)
        fail(operation, of: number, failure, at: now)
    }

    private mutating func fail(_ operation: Int, of number: Int, _ failure: FailureRecord, at now: Timestamp) {
        runs[number]!.operations[operation] = nil
        arrive(.activityFailed, run: number, at: now, reference: operation, payload: failure.encoded())
    }
}

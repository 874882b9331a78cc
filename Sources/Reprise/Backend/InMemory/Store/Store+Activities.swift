extension Store {
    mutating func complete(_ completion: ActivityCompletion, now: Timestamp) -> ActivityCompletion.Answer {
        let claim = completion.claim
        let operation = claim.operation
        guard let number = find(claim.run), let open = runs[number]!.operations[operation], var activity = open.activity
        else { return .resolved }
        guard !claim.nonce.isEmpty, activity.nonce == claim.nonce else { return .superseded }
        switch open.source {
        case .leased(let lease):
            endLease(of: operation, in: number, lease)
        case .delayed(let due, _):
            // The same completion again, or one that comes after the attempt had timed out.
            return .retrying(at: due)
        case .timer, .child, .queued, .blocked:
            return .superseded
        }

        activity.deaths = 0
        switch completion.result {
        case .completed(let output):
            runs[number]!.operations[operation] = nil
            arrive(.activityCompleted, run: number, at: now, reference: operation, payload: output)
            return .resolved
        case .failed(var failure, let isRetryable, _):
            activity.failedAttempts += 1
            if isRetryable,
                let delay = activity.retry.delay(after: activity.failedAttempts, run: number, operation: operation)
            {
                return retry(operation, of: number, activity, after: delay, now: now)
            }
            failure.attempts = activity.failedAttempts
            runs[number]!.operations[operation] = nil
            arrive(.activityFailed, run: number, at: now, reference: operation, payload: failure.encoded())
            return .resolved
        case .retry(let delay, _):
            return retry(operation, of: number, activity, after: delay, now: now)
        case .later:
            return .superseded
        }
    }

    mutating func release(_ claim: ActivityClaim) -> ReleaseAnswer {
        guard let number = find(claim.run), let activity = runs[number]!.operations[claim.operation]?.activity,
            !claim.nonce.isEmpty, activity.nonce == claim.nonce
        else { return .fenced }
        handBack(.activity(run: number, operation: claim.operation))
        return .released
    }

    private mutating func retry(
        _ operation: Int, of number: Int, _ activity: StoredActivity, after delay: Duration, now: Timestamp
    ) -> ActivityCompletion.Answer {
        let due = now.advanced(by: max(delay, .zero))
        runs[number]!.operations[operation]!.activity = activity
        self.delay(operation, of: number, until: due)
        return .retrying(at: due)
    }
}

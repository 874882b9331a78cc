import OrderedCollections

extension Store {
    mutating func complete(_ completion: ActivityCompletion, now: Timestamp) -> ActivityCompletion.Answer {
        let claim = completion.claim
        let operation = claim.operation
        guard let number = find(claim.run), let open = runs[number]!.operations[operation], let activity = open.activity
        else { return .resolved }
        guard !claim.nonce.isEmpty, activity.nonce == claim.nonce else { return .superseded }
        switch (open.source, completion.result) {
        case (.leased(let lease), .later):
            endLease(of: operation, in: number, lease)
            runs[number]!.operations[operation]!.activity!.deaths = 0
            let deadline = lease.deadline ?? activity.attemptDeadline(at: now)
            leave(operation, of: number, until: deadline)
            return .pending
        case (.pending, .later):
            return .pending
        case (.leased(let lease), _):
            endLease(of: operation, in: number, lease)
        case (.pending(_, let ticket), _):
            schedule.remove(ticket)
        case (.delayed(let due, _), _):
            // The same completion again, or one that comes after the attempt had timed out.
            return .retrying(at: due)
        case (.timer, _), (.child, _), (.queued, _), (.blocked, _):
            return .superseded
        }

        runs[number]!.operations[operation]!.activity!.deaths = 0
        switch completion.result {
        case .completed(let output):
            runs[number]!.operations[operation] = nil
            arrive(.activityCompleted, run: number, at: now, reference: operation, payload: output)
            return .resolved
        case .failed(let failure, let isRetryable, let nextDelay):
            return attemptFailed(
                operation, of: number, failure, isRetryable: isRetryable, nextDelay: nextDelay, at: now)
        case .retry(let delay, let reason):
            return retry(operation, of: number, .retryRequested(reason), after: delay, at: now)
        case .later:
            preconditionFailure("it was answered above")
        }
    }

    mutating func heartbeat(_ claim: ActivityClaim, details: [UInt8]?, now: Timestamp) -> HeartbeatAnswer {
        let operation = claim.operation
        guard let number = find(claim.run), let open = runs[number]!.operations[operation],
            let activity = open.activity,
            !claim.nonce.isEmpty, activity.nonce == claim.nonce
        else { return .superseded }
        let next = activity.timeouts.heartbeat.map { now.advanced(by: $0) }
        switch open.source {
        case .leased(var lease):
            lease.deadline?.heartbeat = next
            let expires = workers[lease.worker].map { now.advanced(by: $0.registration.lease) } ?? lease.expires
            extend(&lease, to: expires, .activityLease(run: number, operation: operation))
            runs[number]!.operations[operation]!.source = .leased(lease)
        case .pending(var deadline, let ticket):
            schedule.remove(ticket)
            deadline.heartbeat = next
            leave(operation, of: number, until: deadline)
        case .timer, .child, .queued, .delayed, .blocked:
            return .superseded
        }
        if let details { runs[number]!.operations[operation]!.activity!.heartbeatDetails = details }
        return .recorded
    }

    mutating func release(_ claim: ActivityClaim, now: Timestamp) -> ReleaseAnswer {
        guard let number = find(claim.run), let activity = runs[number]!.operations[claim.operation]?.activity,
            !claim.nonce.isEmpty, activity.nonce == claim.nonce
        else { return .fenced }
        handBack(.activity(run: number, operation: claim.operation), now: now)
        return .released
    }

    /// Lets an attempt go on elsewhere.
    private mutating func leave(_ operation: Int, of number: Int, until deadline: AttemptDeadline) {
        let ticket = ticket()
        schedule.insert(.pendingActivity(run: number, operation: operation), due: deadline.due, ticket: ticket)
        runs[number]!.operations[operation]!.source = .pending(deadline, ticket: ticket)
    }
}

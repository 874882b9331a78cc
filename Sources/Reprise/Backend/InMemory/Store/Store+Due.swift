import OrderedCollections

extension Store {
    /// Records what is due, the earliest first.
    mutating func recordDue(at now: Timestamp, limit: Int) {
        var count = 0
        while count < limit, let item = schedule.popDue(at: now) {
            count += 1
            switch item {
            case .timer(let run, let operation):
                runs[run]!.operations[operation] = nil
                arrive(.timerFired, run: run, at: now, reference: operation)
            case .attempt(let run, let operation):
                enqueue(operation, of: run, at: now)
            case .queuedActivity(let run, let operation):
                queuedActivityTimedOut(operation, of: run, at: now)
            case .pendingActivity(let run, let operation):
                guard case .pending(let deadline, _) = runs[run]!.operations[operation]?.source else { continue }
                attemptTimedOut(operation, of: run, deadline, passing: deadline.due, at: now)
            case .run(let run):
                if runs[run]!.startedAt == nil { arrive(.started, run: run, at: now) }
                settle(run, at: now)
            case .workflowLease(let run):
                workflowLeaseEnded(run, at: now)
            case .activityLease(let run, let operation):
                activityLeaseEnded(run, operation, at: now)
            }
        }
    }

    private mutating func workflowLeaseEnded(_ number: Int, at now: Timestamp) {
        guard case .leased(let lease) = runs[number]!.place else { return }
        let isCharged = isCharged(runs[number]!.nonce, of: lease.worker, at: now)
        endLease(of: number, lease)
        if isCharged {
            runs[number]!.deaths += 1
            let deaths = runs[number]!.deaths
            if deaths >= deathLimit {
                let blockage = Blockage(
                    since: now, worker: lease.workerName, build: lease.build, lastError: runs[number]!.reason)
                block(number, blockage, reason: Reasons.died(holding: deaths))
                return
            }
        }
        settle(number, toFront: true, at: now)
    }

    private mutating func activityLeaseEnded(_ number: Int, _ operation: Int, at now: Timestamp) {
        guard let open = runs[number]!.operations[operation], case .leased(let lease) = open.source else { return }
        switch end(of: lease, closeDeadline: open.activity?.closeDeadline, at: now) {
        case .unknown(let until):
            look(again: until, after: lease, operation, of: number)
        case .timeout(let passed, let deadline):
            endLease(of: operation, in: number, lease)
            tell(lease.worker, open.activity, .timedOut)
            attemptTimedOut(operation, of: number, deadline, passing: passed, at: now)
        case .handover:
            let isCharged = isCharged(open.activity?.nonce ?? "", of: lease.worker, at: now)
            endLease(of: operation, in: number, lease)
            if isCharged {
                died(operation, of: number, lease, at: now)
            } else {
                enqueue(operation, of: number, toFront: true, at: now)
            }
        }
    }

    private mutating func died(_ operation: Int, of number: Int, _ lease: Lease, at now: Timestamp) {
        runs[number]!.operations[operation]!.activity!.deaths += 1
        guard let activity = runs[number]!.operations[operation]?.activity, activity.deaths >= deathLimit else {
            enqueue(operation, of: number, toFront: true, at: now)
            return
        }
        runs[number]!.operations[operation]!.source = .blocked
        runs[number]!.stuck = StoredRun.Stuck(
            worker: lease.workerName, build: lease.build,
            reason: Reasons.died(running: activity.name, operation: operation, deaths: activity.deaths),
            lastError: activity.lastFailure.map { "\($0.type): \($0.message)" })
        runs[number]!.blockedOperations.insert(operation)
        switch runs[number]!.place {
        case .queued, .idle, .paused:
            withdraw(number)
            settle(number, at: now)
        case .delayed, .leased, .blocked, .closed:
            break
        }
    }
}

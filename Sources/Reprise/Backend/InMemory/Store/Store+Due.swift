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
                enqueue(operation, of: run)
            case .run(let run):
                if runs[run]!.startedAt == nil { arrive(.started, run: run, at: now) }
                settle(run)
            case .workflowLease(let run):
                workflowLeaseEnded(run, at: now)
            case .activityLease(let run, let operation):
                activityLeaseEnded(run, operation, at: now)
            }
        }
    }

    private mutating func workflowLeaseEnded(_ number: Int, at now: Timestamp) {
        guard case .leased(let lease) = runs[number]!.place else { return }
        endLease(of: number, lease)
        if isDead(lease.worker, at: now) {
            runs[number]!.deaths += 1
            let deaths = runs[number]!.deaths
            if deaths >= deathLimit {
                block(number, build: lease.build, reason: Reasons.died(holding: deaths))
                return
            }
        }
        settle(number, toFront: true)
    }

    private mutating func activityLeaseEnded(_ number: Int, _ operation: Int, at now: Timestamp) {
        guard case .leased(let lease) = runs[number]!.operations[operation]?.source else { return }
        endLease(of: operation, in: number, lease)
        if let deadline = lease.deadline, deadline <= lease.expires {
            timedOut(operation, of: number, at: now)
        } else if isDead(lease.worker, at: now) {
            died(operation, of: number, build: lease.build)
        } else {
            enqueue(operation, of: number, toFront: true)
        }
    }

    private mutating func timedOut(_ operation: Int, of number: Int, at now: Timestamp) {
        guard var activity = runs[number]!.operations[operation]?.activity else { return }
        activity.failedAttempts += 1
        runs[number]!.operations[operation]!.activity = activity
        if let delay = activity.retry.delay(after: activity.failedAttempts, run: number, operation: operation) {
            runs[number]!.operations[operation]!.activity!.deaths = 0
            self.delay(operation, of: number, until: now.advanced(by: delay))
        } else {
            let failure = FailureRecord.timedOut(
                .startToClose, after: activity.timeouts.startToClose, attempts: activity.failedAttempts)
            runs[number]!.operations[operation] = nil
            arrive(.activityFailed, run: number, at: now, reference: operation, payload: failure.encoded())
        }
    }

    private mutating func died(_ operation: Int, of number: Int, build: String) {
        runs[number]!.operations[operation]!.activity!.deaths += 1
        guard runs[number]!.operations[operation]!.activity!.deaths >= deathLimit else {
            enqueue(operation, of: number, toFront: true)
            return
        }
        runs[number]!.operations[operation]!.source = .blocked(build: build)
        runs[number]!.blockedOperations.insert(operation)
        switch runs[number]!.place {
        case .queued, .idle, .paused:
            withdraw(number)
            settle(number)
        case .delayed, .leased, .blocked, .closed:
            break
        }
    }

    private func isDead(_ worker: String, at now: Timestamp) -> Bool {
        guard let worker = workers[worker] else { return true }
        return worker.expires <= now
    }
}

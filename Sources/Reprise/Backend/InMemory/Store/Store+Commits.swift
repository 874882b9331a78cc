extension Store {
    mutating func commit(_ commit: Commit, now: Timestamp) throws(BackendError) -> CommitAnswer {
        guard let number = find(commit.claim.run) else { return .fenced }
        guard let lease = runs[number]!.lease(under: commit.claim) else {
            // The same commit again, after its reply was lost. Before the first commit there is none to repeat.
            let isRepeated = !commit.claim.nonce.isEmpty && runs[number]!.lastCommit == commit.claim.nonce
            return isRepeated ? .committed : .fenced
        }
        try check(commit, of: runs[number]!)
        if commit.closing != nil, !commit.closesRegardless, runs[number]!.lastArrival > commit.through {
            return .refused(unseen: runs[number]!.arrivals(after: commit.through, limit: Limits.pageEntries))
        }

        endLease(of: number, lease)
        record(commit, by: lease.worker, of: number, now: now)
        return .committed
    }

    /// Records results with the turn that was taken with them.
    ///
    /// - Returns: whether all was as its worker foresaw.
    mutating func commit(_ turn: ForeseenTurn, now: Timestamp) throws(BackendError) -> Bool {
        let run = turn.commit.claim.run
        if let fault = turn.fault {
            throw BackendError(.invalidRequest, "a foreseen turn is malformed: \(fault)", run: run)
        }
        guard let number = find(run), case .idle = runs[number]!.place, runs[number]!.lastCommit == turn.lastCommit,
            runs[number]!.history.count + turn.completions.count == turn.commit.through,
            turn.time >= runs[number]!.history.last!.time, turn.time <= now
        else { return false }
        var leases: [Lease] = []
        for claim in turn.completions.map(\.claim) {
            guard let open = runs[number]!.operations[claim.operation], open.activity?.nonce == claim.nonce,
                case .leased(let lease) = open.source
            else { return false }
            leases.append(lease)
        }
        for (completion, lease) in zip(turn.completions, leases) {
            let operation = completion.claim.operation
            endLease(of: operation, in: number, lease)
            runs[number]!.operations[operation] = nil
            runs[number]!.append(
                .activityCompleted, at: turn.time, reference: operation, payload: completion.output ?? [])
        }
        record(turn.commit, by: leases[0].worker, of: number, now: now)
        return true
    }

    /// Records a turn, and puts the run where it belongs; nobody holds it any more.
    private mutating func record(_ commit: Commit, by worker: String, of number: Int, now: Timestamp) {
        runs[number]!.through = commit.through
        runs[number]!.lastCommit = commit.claim.nonce
        runs[number]!.lastCommitWorker = worker
        runs[number]!.turnFailures = 0
        runs[number]!.deaths = 0
        runs[number]!.reason = nil
        runs[number]!.triedBuilds = []
        if let turn = commit.turn {
            runs[number]!.append(.turn, at: now, reference: commit.through, payload: turn)
        }
        // What it has not seen came before its turn.
        let isBehind = runs[number]!.lastArrival > commit.through
        runs[number]!.lastCommitEntry = isBehind ? commit.through : runs[number]!.history.count
        for effect in commit.effects { apply(effect, to: number, turn: commit.turn ?? [], at: now) }
        if let state = commit.closing {
            let result = commit.result.flatMap { commit.turn?[$0] }.map(Array.init) ?? []
            if state == .continuedAsNew, let record = try? StartRecord(decoding: result) {
                continueAsNew(number, record, carrying: commit.carried, at: now)
            }
            close(number, as: state, result: result)
        } else {
            settle(number, at: now)
        }
    }

    mutating func release(_ release: WorkflowRelease, now: Timestamp) -> ReleaseAnswer {
        guard let number = find(release.claim.run) else { return .fenced }
        guard let lease = runs[number]!.lease(under: release.claim) else {
            let (nonce, epoch) = (runs[number]!.nonce, runs[number]!.epoch)
            let isLast = epoch > 0 && nonce == release.claim.nonce && epoch == release.claim.epoch
            return isLast ? .released : .fenced
        }
        endLease(of: number, lease)
        switch release.disposition {
        case .handBack:
            settle(number, toFront: true, at: now)
        case .retry(let delay, let reason):
            runs[number]!.turnFailures += 1
            runs[number]!.reason = reason.cut()
            self.delay(number, until: now.advanced(by: max(delay, .zero)))
        case .block(let reason):
            runs[number]!.turnFailures += 1
            block(number, Blockage(since: now, worker: lease.workerName, build: lease.build), reason: reason.cut())
        }
        return .released
    }

    private func check(_ commit: Commit, of run: StoredRun) throws(BackendError) {
        let fault: String? =
            if commit.through < run.through || commit.through > run.lastArrival {
                "it has stepped up to \(commit.through), not between \(run.through) and \(run.lastArrival)"
            } else {
                commit.fault
            }
        if let fault { throw BackendError(.invalidRequest, "a commit is malformed: \(fault)", run: run.id) }
    }

    private mutating func apply(_ effect: Commit.Effect, to number: Int, turn: [UInt8], at now: Timestamp) {
        switch effect {
        case .scheduleActivity(let scheduled):
            remove(scheduled.operation, of: number)
            let activity = StoredActivity(scheduled, input: Array(turn[scheduled.input]), now: now)
            runs[number]!.operations[scheduled.operation] = StoredOperation(
                source: .blocked, activity: activity)
            enqueue(scheduled.operation, of: number, at: now)
        case .startTimer(let operation, let due):
            remove(operation, of: number)
            let ticket = ticket()
            schedule.insert(.timer(run: number, operation: operation), due: due, ticket: ticket)
            runs[number]!.operations[operation] = StoredOperation(source: .timer(due: due, ticket: ticket))
        case .startChild(let child):
            start(child, record: Array(turn[child.record]), of: number)
        case .signalChild(let operation, let record):
            signalChild(operation, of: number, Array(turn[record]))
        case .cancel(let operation):
            cancelChild(operation, of: number)
            remove(operation, of: number)
        }
    }
}

extension StoredRun {
    /// The arrivals after an entry: the first ones, up to a limit.
    func arrivals(after number: Int, limit: Int) -> [HistoryEntry] {
        var arrivals: [HistoryEntry] = []
        var bytes = 0
        for entry in history.dropFirst(number) where entry.isArrival {
            bytes += entry.payload.count
            if arrivals.count == limit || (bytes > Limits.pageBytes && !arrivals.isEmpty) { break }
            arrivals.append(entry)
        }
        return arrivals
    }
}

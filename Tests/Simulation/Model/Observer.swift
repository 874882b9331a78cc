import Reprise

/// Sees every answer at the time when the store gives it, and knows by itself what it must be.
struct Observer {
    /// What is known of an activity, by run and operation.
    private struct Attempts {
        var deliveries = 0
        /// The nonce of the last claim: who has another can't hand in a result.
        var nonce = ""
        var details: [UInt8]?
        /// Whether it is over: it has a result, or nobody wants it any more.
        var isResolved = false
        /// The result that was handed in first, which is the one to record.
        var result: [UInt8]?
    }

    private struct Key: Hashable {
        var run: RunID
        var operation: Int
    }

    private struct Progress {
        var lastCommit = ""
        var through = 0
        var turns: [[UInt8]] = []
        /// The claims that have committed.
        var committed: Set<String> = []
    }

    /// Runs that ended although something had come that they had not seen, since that happened time and again.
    private var closedRegardless: Set<RunID> = []
    var fail: (String) -> Void = { _ in }
    private var starts: [String: RunID] = [:]
    private var activities: [Key: Attempts] = [:]
    private var runs: [RunID: Progress] = [:]
    private var nonces: Set<String> = []

    mutating func started(_ request: StartRequest, as run: RunID) {
        if let other = starts.updateValue(run, forKey: request.requestID), other != run {
            fail("request \(request.requestID) started \(other) and \(run)")
        }
    }

    mutating func claimed(_ work: ClaimedWork) {
        for task in work.workflowTasks {
            let progress = runs[task.claim.run, default: Progress()]
            if !nonces.insert(task.claim.nonce).inserted { fail("nonce \(task.claim.nonce) was given twice") }
            if task.lastCommit != progress.lastCommit || task.through != progress.through {
                fail(
                    "run \(task.claim.run) comes with commit “\(task.lastCommit)” through \(task.through), and has "
                        + "“\(progress.lastCommit)” through \(progress.through)")
            }
            if task.turnFailures > 0 { fail("a turn of run \(task.claim.run) failed") }
        }
        for task in work.activityTasks {
            let key = Key(run: task.claim.run, operation: task.claim.operation)
            var attempts = activities[key, default: Attempts()]
            attempts.deliveries += 1
            attempts.nonce = task.claim.nonce
            if !nonces.insert(task.claim.nonce).inserted { fail("nonce \(task.claim.nonce) was given twice") }
            if attempts.isResolved { fail("activity \(key) is handed out after it was resolved") }
            if task.deliveries != attempts.deliveries {
                fail("delivery \(attempts.deliveries) of activity \(key) says that it is the \(task.deliveries).")
            }
            if task.heartbeatDetails != attempts.details { fail("activity \(key) comes with other details") }
            activities[key] = attempts
        }
    }

    mutating func committed(_ commit: Commit, _ answer: CommitAnswer) {
        var progress = runs[commit.claim.run, default: Progress()]
        let isRepeated = progress.committed.contains(commit.claim.nonce)
        switch answer {
        case .committed:
            if isRepeated {
                if progress.lastCommit != commit.claim.nonce { fail("an old commit of \(commit.claim.run) is new") }
                return
            }
            progress.committed.insert(commit.claim.nonce)
            progress.lastCommit = commit.claim.nonce
            progress.through = commit.through
            if commit.closesRegardless { closedRegardless.insert(commit.claim.run) }
            for case .cancel(let operation) in commit.effects {
                activities[Key(run: commit.claim.run, operation: operation), default: Attempts()].isResolved = true
            }
            if let turn = commit.turn { progress.turns.append(turn) }
            runs[commit.claim.run] = progress
        case .refused:
            if isRepeated || commit.closing == nil || commit.closesRegardless { fail("\(commit.summary) was refused") }
        case .fenced:
            if progress.lastCommit == commit.claim.nonce { fail("\(commit.summary) was repeated and fenced") }
        }
    }

    mutating func foreseen(_ turn: ForeseenTurn, _ isRecorded: Bool) {
        guard isRecorded else { return }
        let claim = turn.commit.claim
        if runs[claim.run]?.committed.contains(claim.nonce) == true { fail("\(turn.commit.summary) is recorded twice") }
        for completion in turn.completions {
            let key = Key(run: claim.run, operation: completion.claim.operation)
            if activities[key]?.isResolved == true { fail("a result of activity \(key) is recorded after its end") }
            completed(completion, .resolved)
        }
        committed(turn.commit, .committed)
    }

    mutating func completed(_ completion: ActivityCompletion, _ answer: ActivityCompletion.Answer) {
        let key = Key(run: completion.claim.run, operation: completion.claim.operation)
        guard answer == .resolved else { return }
        var attempts = activities[key, default: Attempts()]
        if !attempts.isResolved, attempts.nonce == completion.claim.nonce,
            case .completed(let bytes) = completion.result
        {
            attempts.result = bytes
        }
        attempts.isResolved = true
        activities[key] = attempts
    }

    mutating func beat(_ claim: ActivityClaim, _ details: [UInt8]?, _ answer: HeartbeatAnswer) {
        let key = Key(run: claim.run, operation: claim.operation)
        guard answer == .recorded else { return }
        if activities[key]?.isResolved == true { fail("a heartbeat of activity \(key) is recorded after its end") }
        if let details { activities[key, default: Attempts()].details = details }
    }

    mutating func released(_ release: WorkflowRelease) {
        if release.disposition != .handBack { fail("a turn failed: \(release)") }
    }

    /// Compares a whole history with what was acknowledged.
    func check(_ history: [HistoryEntry], of run: RunID) {
        let turns = history.filter { $0.kind == .turn }.map(\.payload)
        let known = runs[run]?.turns ?? []
        if turns != known { fail("run \(run) has \(turns.count) turns; committed were \(known.count)") }
        if let last = history.last, last.kind == .turn, !closedRegardless.contains(run),
            history.contains(where: { $0.isArrival && $0.number > last.reference })
        {
            fail("run \(run) ended with entry \(last.number) through \(last.reference), and more had come")
        }
        for entry in history where entry.kind == .activityCompleted {
            if activities[Key(run: run, operation: entry.reference)]?.result != entry.payload {
                fail("run \(run) has a result of operation \(entry.reference) that its holder didn't hand in")
            }
        }
    }
}

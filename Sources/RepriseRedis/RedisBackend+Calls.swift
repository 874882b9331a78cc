import RedisClient
import Reprise

/// The arguments and replies of the calls that are sent most.
extension RedisBackend {
    /// What a claim answered; `nil` if the worker isn't registered. A run whose history can't be read is blocked, so that
    /// it keeps nobody from the others.
    func claimedWork(_ reply: RedisReply, _ request: ClaimRequest?) async throws(BackendError) -> ClaimedWork? {
        guard let request, !reply.isNull, let (work, unreadable) = try parsedWork(reply, request) else { return nil }
        for (claim, error) in unreadable {
            // If this fails, the lease ends, and the next claim tries again.
            _ = try? await release(WorkflowRelease(claim: claim, disposition: .block(reason: error.message)))
        }
        return work
    }

    /// What a claim answered, and the claims whose entries of history can't be read.
    func parsedWork(
        _ reply: RedisReply, _ request: ClaimRequest
    ) throws(BackendError) -> (work: ClaimedWork, unreadable: [(WorkflowClaim, BackendError)])? {
        var reply = try ReplyCursor(reply, errors)
        let word = try reply.string()
        guard word == "claimed" || word == "renewed" else { return nil }
        let queue = inboxes.queue(of: request.worker) ?? ""
        var work = ClaimedWork(now: try reply.timestamp(), isRenewal: word == "renewed")
        clock.note(work.now)
        let due = try reply.string()
        work.nextDue = Int64(due).map { Timestamp(milliseconds: $0) }
        var unreadable: [(WorkflowClaim, BackendError)] = []
        let (workflows, activities, parked) = (try reply.count(), try reply.count(), try reply.count())
        for index in 0..<workflows {
            let (task, error) = try workflowTask(&reply, queue: queue, nonce: "\(request.id).\(index)")
            if let error { unreadable.append((task.claim, error)) } else { work.workflowTasks.append(task) }
        }
        for index in workflows..<workflows + activities {
            work.activityTasks.append(
                try activityTask(&reply, queue: queue, nonce: "\(request.id).\(index)"))
        }
        for _ in 0..<parked {
            let run = try reply.run()
            let type = try reply.text()
            work.parked.append(
                ParkedTask(
                    run: run, type: String(decoding: type.utf8.dropFirst(2), as: UTF8.self),
                    isActivity: type.utf8.first == UInt8(ascii: "a")))
        }
        return (work, unreadable)
    }

    private func workflowTask(
        _ reply: inout ReplyCursor, queue: String, nonce: String
    ) throws(BackendError) -> (WorkflowTask, BackendError?) {
        let run = try reply.run()
        let claim = WorkflowClaim(run: run, epoch: try reply.int(), nonce: nonce)
        let type = try reply.string()
        let through = try reply.int()
        let lastCommit = try reply.text()
        let failures = try reply.int()
        let deaths = try reply.int()
        let start = try reply.int()
        let hasMore = try reply.int() == 1
        let count = try reply.count()
        var history: [HistoryEntry] = []
        history.reserveCapacity(count)
        var failure: BackendError?
        for index in 0..<count {
            // Each is read to its end, so that what follows in the reply is understood.
            do throws(BackendError) { history.append(try reply.entry(number: start &+ 1 &+ index)) } catch {
                failure = failure ?? error
            }
        }
        let task = WorkflowTask(
            claim: claim, type: type, queue: queue, through: through, lastCommit: lastCommit, turnFailures: failures,
            deaths: deaths, history: history, historyStart: start, hasMore: hasMore)
        return (task, failure)
    }

    private func activityTask(
        _ reply: inout ReplyCursor, queue: String, nonce: String
    ) throws(BackendError) -> ActivityTask {
        let run = try reply.run()
        let claim = ActivityClaim(run: run, operation: try reply.int(), nonce: nonce)
        return ActivityTask(
            claim: claim, name: try reply.string(), workflowType: try reply.text(), queue: queue,
            attempt: try reply.int(), deliveries: try reply.int(), deaths: try reply.int(),
            deadline: try reply.timestamp(), heartbeat: Int64(try reply.string()).map { .milliseconds($0) },
            heartbeatDetails: try reply.optionalBytes(), input: try reply.bytes())
    }

    /// What a commit sends.
    ///
    /// - Parameter isPrepared: whether the next run of one that continues as new is there already, see ``prepareNextRun(_:)``.
    /// - Returns: for a large turn also the calls that stage its effects, which come before it; after it come as many calls
    ///   of ``applyCall(_:before:)``, unless it closes the run: then claims carry them out.
    func commitItem(
        _ commit: Commit, before request: ClaimRequest? = nil, isPrepared: Bool = false
    ) throws(BackendError) -> (staging: [ScriptRunner.Call], item: WorkItem) {
        let claim = commit.claim
        if let fault = commit.fault {
            throw BackendError(.invalidRequest, "a commit is malformed: \(fault)", run: claim.run)
        }
        // Of a closing turn, what it puts in place would be undone at once: only its messages count.
        let effects = commit.closing == nil ? commit.effects : commit.effects.filter { !$0.endsWithTheRun }
        let pages = effects.pages
        let turn = commit.turn ?? []
        var staging: [ScriptRunner.Call] = []
        for page in pages {
            let part = page.payloadBounds
            var call = runner.call(
                scripts.stage, claim.run.description, claim.nonce, claim.epoch, staging.count, Array(turn[part]))
            var arguments = ScriptArguments()
            for effect in page { arguments.append(effect, turnBegins: part.lowerBound) }
            call.append(contentsOf: arguments)
            staging.append(call)
        }
        let named = commit.namedEntries
        var arguments = ScriptArguments(
            claim.run.description, claim.nonce, claim.epoch, commit.through, commit.closing?.rawValue ?? "",
            commit.closesRegardless ? "1" : "0", commit.turn == nil ? "0" : "1", turn,
            commit.result.map { String($0.lowerBound + 1) } ?? "", commit.result.map { String($0.upperBound) } ?? "",
            isPrepared ? String(named.count) : named.map(String.init).joined(separator: " "), pages.count,
            isPrepared ? "1" : "")
        if pages.isEmpty {
            for effect in effects { arguments.append(effect, turnBegins: 0) }
        }
        return (staging, WorkItem(.commit, arguments, before: request))
    }

    /// What a foreseen turn sends: nothing if it is too large for one call.
    func foreseeItem(_ turn: ForeseenTurn, before request: ClaimRequest? = nil) throws(BackendError) -> WorkItem {
        let run = turn.commit.claim.run
        if let fault = turn.fault {
            throw BackendError(.invalidRequest, "a foreseen turn is malformed: \(fault)", run: run)
        }
        let (staging, commit) = try commitItem(turn.commit)
        guard staging.isEmpty else { return WorkItem(.none, before: request) }
        var arguments = ScriptArguments(
            run.description, turn.lastCommit, turn.time.storable, turn.completions.count)
        for completion in turn.completions {
            arguments.append(completion.claim.operation)
            arguments.append(completion.claim.nonce)
            arguments.append(completion.output ?? [])
        }
        let isLarge = turn.completions.count > Limits.itemsPerCall || arguments.size > Limits.effectBytes
        if turn.completions.count > 1, isLarge { return WorkItem(.none, before: request) }
        arguments.append(contentsOf: commit.arguments)
        return WorkItem(.foresee, arguments, before: request)
    }

    /// Whether a foreseen turn is recorded.
    func foreseenAnswer(_ reply: RedisReply) throws(BackendError) -> Bool {
        guard !reply.isNull else { return false }
        var reply = try ReplyCursor(reply, errors)
        return try reply.string() == "recorded"
    }

    /// The call that applies a page of the effects of a large turn.
    func applyCall(_ commit: Commit, before request: ClaimRequest?) -> ScriptRunner.Call {
        runner.call(scripts.apply, commit.claim.run.description, inboxes.queue(of: request?.worker))
    }

    /// What a commit answered; `nil` if the next run must be prepared first.
    func commitAnswer(_ reply: RedisReply, _ commit: Commit) throws(BackendError) -> CommitAnswer? {
        var reply = try ReplyCursor(reply, errors)
        switch try reply.string() {
        case "committed": return .committed
        case "fenced": return .fenced
        case "unprepared": return nil
        case "refused":
            var unseen: [HistoryEntry] = []
            while !reply.isAtEnd {
                let kind = try reply.string()
                let number = try reply.int()
                guard
                    let entry = HistoryEntry(
                        number: number, kind: HistoryEntry.Kind(rawValue: kind), stored: try reply.stored())
                else { throw errors.corrupt("the value of history entry \(number)", run: commit.claim.run) }
                unseen.append(entry)
            }
            return .refused(unseen: unseen)
        case "unstaged":
            // A page got lost between its try and this one.
            throw BackendError(
                .unavailable, "the effects of a large turn are not all there: send the commit again",
                run: commit.claim.run)
        case "invalid":
            throw BackendError(
                .invalidRequest,
                "a commit through \(commit.through) isn't within \(try reply.int()) to \(try reply.int())",
                run: commit.claim.run)
        default:
            throw errors.corrupt("the history of the run refuses the turn", run: commit.claim.run)
        }
    }

    /// What a completion sends.
    func completeItem(_ completion: ActivityCompletion, before request: ClaimRequest? = nil) -> WorkItem {
        let claim = completion.claim
        var (payload, detail, type, nextDelay): ([UInt8], String, String, String) = ([], "", "", "")
        let how: String
        switch completion.result {
        case .completed(let output):
            (how, payload) = ("completed", output)
        case .failed(let failure, let isRetryable, let delay):
            (how, payload, detail) = ("failed", failure.withoutAttempts.encoded(), isRetryable ? "1" : "0")
            (type, nextDelay) = (failure.type.escaped, delay.map { String($0.storable) } ?? "")
        case .retry(let after, let reason):
            (how, payload, detail) = ("retry", FailureRecord.retryRequested(reason).encoded(), String(after.storable))
        case .later:
            how = "later"
        }
        let arguments = ScriptArguments(
            claim.run.description, claim.operation, claim.nonce, how, payload, detail, type, nextDelay)
        return WorkItem(.complete, arguments, before: request)
    }

    func completionAnswer(
        _ reply: RedisReply, _ completion: ActivityCompletion
    ) throws(BackendError) -> ActivityCompletion.Answer {
        var reply = try ReplyCursor(reply, errors)
        switch try reply.string() {
        case "resolved": return .resolved
        case "pending": return .pending
        case "superseded": return .superseded
        case "retrying": return .retrying(at: try reply.timestamp())
        default:
            throw errors.corrupt("the history of the run refuses the result", run: completion.claim.run)
        }
    }
}

extension FailureRecord {
    /// The script puts the attempts in front.
    fileprivate var withoutAttempts: FailureRecord {
        var record = self
        record.attempts = nil
        return record
    }
}

extension ScheduledActivity {
    /// What the script keeps of it, see `Scripts/Parts/operations.lua`; the workflow type follows.
    var specification: String {
        "\(timeouts.packed) \(retry.packed) \(queue.utf8.count):\(queue)\(name.utf8.count):\(name)"
    }
}

extension ActivityTimeouts {
    /// The script adds the deadline of schedule-to-close if there is more than start-to-close.
    fileprivate var packed: String {
        let others = [scheduleToStart, scheduleToClose, heartbeat]
        if others.allSatisfy({ $0 == nil }) { return String(startToClose.storable) }
        return ([startToClose] + others).map { $0.map { String($0.storable) } ?? "-" }.joined(separator: "/")
    }
}

extension RetryPolicy {
    fileprivate var packed: String {
        if let attempts, attempts <= 1 { return "-" }
        let never = nonRetryable.isEmpty ? "" : ",\(nonRetryable.map(\.escaped).joined(separator: ",")),"
        return
            "\(initial.storable)/\(multiplier)/\(maximum.storable)/\(attempts.map(String.init) ?? "-")/\(jitter)/\(never)"
    }
}

extension String {
    /// Without blanks and commas.
    fileprivate var escaped: String {
        var escaped = ""
        for byte in utf8 {
            switch byte {
            case ...0x20, UInt8(ascii: ","), UInt8(ascii: "%"), 0x7F...: escaped += "%\(byte)"
            default: escaped.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return escaped
    }
}

/// Lua computes in doubles: numbers stay where each millisecond is exact.
private let largestStorable: Int64 = 1 << 52

extension Duration {
    /// Whole milliseconds, rounded up, within what scripts compute with.
    var storable: Int64 { min(max(milliseconds, 0), largestStorable) }
}

extension Timestamp {
    /// Milliseconds since 1970, within what scripts compute with.
    var storable: Int64 { min(max(milliseconds, -largestStorable), largestStorable) }
}

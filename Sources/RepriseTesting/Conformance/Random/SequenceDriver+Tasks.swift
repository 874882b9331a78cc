import Reprise

extension SequenceDriver {
    func request(as worker: String) -> ClaimRequest {
        // All or nothing: in which order tasks come that were handed back together isn't specified.
        ClaimRequest(
            id: "c\(next())", worker: worker, workflowSlots: chance(85) ? 1000 : 0, activitySlots: chance(85) ? 1000 : 0
        )
    }

    func claim() async throws {
        guard let worker = pick(workers)?.id else { return }
        let request = request(as: worker)
        let text = "claim \(worker) \(request.workflowSlots) \(request.activitySlots)"
        let work = try await record(text, as: { _, _ in "work" }) {
            try await backend.claim(request)
        }
        if let work { try await keep(work, of: worker) }
    }

    /// Notes claimed work, with all of its history.
    func keep(_ work: ClaimedWork, of worker: String) async throws {
        for task in work.workflowTasks { names.add(task) }
        for task in work.activityTasks { names.add(task) }
        var texts: [String] = []
        for task in work.workflowTasks {
            workflowTasks.append((task, worker))
            held.insert(task.claim.nonce)
            let rest = try await rest(of: task.claim.run, after: task.history.last?.number ?? task.historyStart)
            texts.append(names.text(of: task, whole: task.history + rest))
        }
        for task in work.activityTasks {
            activityTasks.append((task, worker))
            held.insert(task.claim.nonce)
            texts.append(names.text(of: task))
        }
        // A task may be in its queue more than once.
        texts += Set(work.parked.map { "parked \(names.name(of: $0.run)) \($0.type) \($0.isActivity)" })
        // Children, and runs that others continued as.
        let found = work.workflowTasks.map(\.claim.run).filter { run in !runs.contains { $0.id == run } }
        runs += found.sorted { names.name(of: $0) < names.name(of: $1) }.map { KnownRun(id: $0) }
        workflowTasks.sort { names.name(of: $0.task.claim.nonce) < names.name(of: $1.task.claim.nonce) }
        activityTasks.sort { names.name(of: $0.task.claim.nonce) < names.name(of: $1.task.claim.nonce) }
        lines += texts.sorted().map { "    \($0)" }
        lines.append("    \(work.nextDue == nil ? "nothing" : "something") is due")
    }

    // MARK: Runs

    /// A claim of a run: mostly one that stands.
    private func chosenRun() -> (task: WorkflowTask, worker: String)? {
        let standing = workflowTasks.filter { held.contains($0.task.claim.nonce) }
        return chance(85) && !standing.isEmpty ? pick(standing) : pick(workflowTasks)
    }

    func commit() async throws {
        var commit: Commit
        var worker = workers[0].id
        if chance(15), let old = pick(commits) {
            commit = old
        } else {
            guard let chosen = chosenRun() else { return }
            worker = chosen.worker
            commit = try await makeCommit(chosen.task)
            commits.append(commit)
        }
        let nonce = commit.claim.nonce
        if chance(5) { commit.claim.nonce += "x" }
        let isRegistered = workers.contains { $0.id == worker }
        // What a large turn or an end leaves to claims comes in parts.
        let isWhole = commit.closing == nil && commit.effects.count < 64
        let request = chance(30) && isRegistered && isWhole ? request(as: worker) : nil
        let sent = commit
        let text =
            "commit \(names.name(of: sent.claim.nonce)) \(sent.through) \(sent.effects.count) "
            + "\(sent.closing?.rawValue ?? "goes on")"
        let answer = try await record(text, as: { $1.text(of: $0.answer) }) {
            try await backend.commit(sent, claiming: request)
        }
        guard let answer else { return }
        if answer.answer == .committed {
            held.remove(nonce)
            if nonce == sent.claim.nonce { lastCommits[sent.claim.run] = nonce }
            noteCommands(of: sent)
        }
        if let work = answer.work { try await keep(work, of: worker) }
    }

    /// Notes how far the commands of a run are numbered.
    private func noteCommands(of commit: Commit) {
        guard let index = runs.firstIndex(where: { $0.id == commit.claim.run }),
            let turn = commit.turn.flatMap({ try? Turn(decoding: $0) })
        else { return }
        runs[index].nextOperation = max(runs[index].nextOperation, turn.firstCommand + turn.commands.count)
    }

    private func makeCommit(_ task: WorkflowTask) async throws -> Commit {
        let run = task.claim.run
        let position = runs.first { $0.id == run }?.nextOperation ?? 0
        var steps: [Decision.Step] = []
        for _ in 0..<pick(4) {
            switch pick(13) {
            case ..<5:
                // At most one activity of a run that workers die with goes to them.
                let isPerilous = perilousQueues.contains(task.queue) && position == 0 && steps.isEmpty
                steps.append(
                    .activity(
                        Self.activities[pick(3)], input: bytes(), queue: isPerilous ? task.queue : Self.queues[pick(2)],
                        timeouts: timeouts(), retry: retry()))
            case ..<7: steps.append(.timer(Self.farAway))
            // No two at the same time: the order of these isn't specified.
            case ..<8: steps.append(.timer(Timestamp(milliseconds: Int64(next()))))
            case ..<10: steps.append(.cancel(pick(position + 2)))
            case ..<12:
                let policies: [ParentClosePolicy] = [.terminate, .cancel, .abandon]
                steps.append(
                    .child(
                        "\(chance(30) ? "order" : "child"):\(pick(12))", type: Self.types[pick(3)], input: bytes(),
                        queue: Self.queues[pick(2)], policy: policies[pick(3)]))
            default: steps.append(.signal(pick(position + 2), "s\(next())", payload: bytes()))
            }
        }
        // More than one call of a backend may carry.
        if chance(2) { steps += (0..<600).map { _ in .timer(Self.farAway) } }
        if chance(15) {
            switch pick(8) {
            case ..<3:
                let signals = task.history.filter { $0.kind == .signalled && chance(70) }.map(\.number)
                steps.append(.next(input: bytes(), carrying: signals))
            case ..<5: steps.append(.complete(bytes()))
            case ..<7: steps.append(.fail(FailureRecord(type: "T", message: "m\(pick(9))")))
            default: steps.append(.cancelled(reason: "asked \(pick(9))"))
            }
        }
        let arrivals = task.history.filter(\.isArrival).map(\.number)
        var through = (chance(80) ? arrivals.last : pick(arrivals)) ?? task.through
        if chance(3), held.contains(task.claim.nonce) { through = 1_000_000 }
        return Decision(steps, from: position).commit(under: task.claim, through: through, regardless: chance(30))
    }

    /// Timeouts that are hours away, or so little that a retry would come too late.
    private func timeouts() -> ActivityTimeouts {
        var timeouts = ActivityTimeouts(startToClose: .seconds(7200))
        guard chance(40) else { return timeouts }
        if chance(50) { timeouts.scheduleToStart = .seconds(8000) }
        if chance(50) { timeouts.scheduleToClose = chance(50) ? .seconds(9000) : .seconds(7000) }
        if chance(50) { timeouts.heartbeat = .seconds(6000) }
        return timeouts
    }

    private func retry() -> RetryPolicy {
        switch pick(4) {
        case 0: .fixed(.seconds(7200), attempts: 2, jitter: 0)
        case 1: .fixed(.zero, attempts: 3, nonRetryable: ["Fatal", "Very bad"])
        default: .none
        }
    }

    func releaseRun() async throws {
        guard var claim = chosenRun()?.task.claim else { return }
        let disposition: WorkflowRelease.Disposition =
            switch pick(4) {
            case 0: .handBack
            case 1: .retry(after: .seconds(7200), reason: "later \(pick(9))")
            case 2: .retry(after: .zero, reason: "soon \(pick(9))")
            default: .block(reason: "stuck \(pick(9))")
            }
        let nonce = claim.nonce
        if chance(10) { claim.nonce += "x" }
        let release = WorkflowRelease(claim: claim, disposition: disposition)
        for _ in 0..<(chance(30) ? 2 : 1) {
            let answer = try await record(
                "release \(names.name(of: claim.nonce)) \(disposition)", as: { answer, _ in "\(answer)" }
            ) {
                try await backend.release(release)
            }
            if answer == .released { held.remove(nonce) }
        }
    }

    // MARK: Activities

    private func chosenActivity() -> (task: ActivityTask, worker: String)? {
        let standing = activityTasks.filter { held.contains($0.task.claim.nonce) }
        return chance(85) && !standing.isEmpty ? pick(standing) : pick(activityTasks)
    }

    func complete() async throws {
        var completion: ActivityCompletion
        if chance(15), let old = pick(completions) {
            completion = old
        } else {
            guard let claim = chosenActivity()?.task.claim else { return }
            let type = pick(["Declined", "Fatal", "Very bad"]) ?? ""
            let failure = FailureRecord(type: type, message: "m\(pick(9))")
            let delay = [nil, .zero, .seconds(7300)][pick(3)] as Duration?
            let result: ActivityCompletion.Result =
                switch pick(12) {
                case ..<6: .completed(bytes())
                case ..<9: .failed(failure, isRetryable: chance(80), nextDelay: delay)
                case ..<10: .retry(after: .seconds(7200), reason: "later")
                case ..<11: .retry(after: .zero, reason: "soon")
                default: .later
                }
            completion = ActivityCompletion(claim: claim, result: result)
            completions.append(completion)
        }
        let nonce = completion.claim.nonce
        if chance(5) { completion.claim.nonce += "x" }
        if chance(3) { completion.claim.operation += 1000 }
        let sent = completion
        let worker = pick(workers)?.id ?? ""
        let request = chance(30) ? request(as: worker) : nil
        let text = "complete \(names.name(of: sent.claim.nonce)) \(sent.claim.operation) \(names.text(of: sent.result))"
        let answer = try await record(text, as: { $1.text(of: $0.answer) }) {
            try await backend.complete(sent, claiming: request)
        }
        if sent.claim.nonce == nonce, answer?.answer != .pending { held.remove(nonce) }
        if let work = answer?.work { try await keep(work, of: worker) }
    }

    /// A turn with results that no history has yet.
    func foresee() async throws {
        var turn: ForeseenTurn
        if chance(15), let old = pick(foreseen) {
            turn = old
        } else {
            guard let first = chosenActivity()?.task.claim, let lastCommit = lastCommits[first.run] else { return }
            let others = activityTasks.map(\.task.claim).filter {
                $0.run == first.run && $0.operation != first.operation && held.contains($0.nonce)
            }
            var claims = [first]
            if let other = pick(others), chance(50) { claims.append(other) }
            guard let history = try? await rest(of: first.run, after: 0), let last = history.last else { return }
            let claim = WorkflowClaim(run: first.run, epoch: 0, nonce: "f\(next())")
            names.add(claim)
            var steps: [Decision.Step] = []
            if chance(50) { steps.append(.activity(Self.activities[pick(3)], queue: Self.queues[pick(2)])) }
            if chance(30) { steps.append(.timer(Self.farAway)) }
            if chance(10) { steps.append(chance(70) ? .complete(bytes()) : .next(input: bytes())) }
            let position = runs.first { $0.id == first.run }?.nextOperation ?? 0
            turn = ForeseenTurn(
                completions: claims.map { ActivityCompletion(claim: $0, result: .completed(bytes())) },
                time: last.time.advanced(by: .milliseconds(chance(5) ? -1 : 0)), lastCommit: lastCommit,
                commit: Decision(steps, from: position).commit(
                    under: claim, through: last.number + claims.count + (chance(5) ? 1 : 0)))
            foreseen.append(turn)
        }
        let worker = pick(workers)?.id ?? ""
        let request = chance(30) && turn.commit.closing == nil ? request(as: worker) : nil
        let text =
            "foresee \(turn.completions.map { names.name(of: $0.claim.nonce) }) \(turn.commit.through) "
            + "\(turn.commit.effects.count) \(turn.commit.closing?.rawValue ?? "goes on")"
        let answer = try await record(text, as: { answer, _ in "\(answer.isRecorded)" }) {
            try await backend.commit(turn, claiming: request)
        }
        guard let answer else { return }
        if answer.isRecorded {
            for completion in turn.completions { held.remove(completion.claim.nonce) }
            lastCommits[turn.commit.claim.run] = turn.commit.claim.nonce
            noteCommands(of: turn.commit)
        }
        if let work = answer.work { try await keep(work, of: worker) }
    }

    func heartbeat() async throws {
        guard var claim = chosenActivity()?.task.claim else { return }
        if chance(10) { claim.nonce += "x" }
        let sent = claim
        let details = chance(70) ? bytes() : nil
        let text = "heartbeat \(names.name(of: claim.nonce)) \(details.map { names.text(of: $0) } ?? "-")"
        _ = try await record(text, as: { answer, _ in "\(answer)" }) {
            try await backend.heartbeat(sent, details: details)
        }
    }

    func releaseActivity() async throws {
        guard var claim = chosenActivity()?.task.claim else { return }
        let nonce = claim.nonce
        if chance(10) { claim.nonce += "x" }
        let sent = claim
        for _ in 0..<(chance(30) ? 2 : 1) {
            let answer = try await record(
                "release \(names.name(of: claim.nonce)) activity \(claim.operation)", as: { answer, _ in "\(answer)" }
            ) {
                try await backend.release(sent)
            }
            if answer == .released { held.remove(nonce) }
        }
    }
}

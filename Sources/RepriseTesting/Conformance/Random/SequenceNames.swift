import Reprise

/// Names for what each backend numbers in its own way, and texts that are the same for all. It belongs to one trace.
final class SequenceNames {
    private var runs: [RunID: String] = [:]
    private var runCounts: [String: Int] = [:]
    private var claims: [String: String] = [:]

    // MARK: Names

    /// A run is named by its workflow id and its place among the runs of that id.
    func name(of run: RunID) -> String {
        if let name = runs[run] { return name }
        let count = runCounts[run.workflowID, default: 0] + 1
        runCounts[run.workflowID] = count
        let name = "\(run.workflowID)#\(count)"
        runs[run] = name
        return name
    }

    /// A claim of a run is named by the run and the epoch.
    func add(_ task: WorkflowTask) {
        claims[task.claim.nonce] = "\(name(of: task.claim.run))/\(task.claim.epoch)"
    }

    /// A claim of an activity is named by the run, the operation and the number of the delivery.
    func add(_ task: ActivityTask) {
        claims[task.claim.nonce] = "\(name(of: task.claim.run))/\(task.claim.operation).\(task.deliveries)"
    }

    /// A claim that no backend gave out.
    func add(_ claim: WorkflowClaim) {
        claims[claim.nonce] = "\(name(of: claim.run))/\(claim.nonce)"
    }

    func name(of nonce: String) -> String {
        if let name = claims[nonce] { return name }
        if nonce.isEmpty { return "none" }
        return claims[String(nonce.dropLast())].map { "\($0)x" } ?? "unknown"
    }

    // MARK: Texts

    func text(of bytes: [UInt8]) -> String {
        "\(bytes.count):" + bytes.map { String($0, radix: 16) }.joined(separator: " ")
    }

    func text(of failure: FailureRecord) -> String {
        let cause = failure.cause.map { ", caused by \(text(of: $0))" } ?? ""
        return "\(failure.type) “\(failure.message)” \(failure.attempts.map(String.init) ?? "-")\(cause)"
    }

    func text(of entries: [HistoryEntry]) -> String {
        entries.map { entry in
            var payload = text(of: entry.payload)
            if entry.kind == .activityFailed, let failure = try? FailureRecord(decoding: entry.payload) {
                payload = text(of: failure)
            }
            // That of a child is compared as it is, whoever wrote the JSON.
            if entry.kind == .childFailed, let failure = try? FailureRecord(decoding: entry.payload) {
                payload += " " + text(of: failure)
            }
            return "\(entry.number) \(entry.kind) \(entry.reference) \(payload)"
        }.joined(separator: "; ")
    }

    func text(of task: WorkflowTask, whole history: [HistoryEntry]) -> String {
        "run \(name(of: task.claim.nonce)) \(task.type) \(task.queue) through \(task.through) "
            + "after \(name(of: task.lastCommit)), \(task.turnFailures) failures, \(task.deaths) deaths, "
            + "from \(task.historyStart): \(text(of: history))"
    }

    func text(of task: ActivityTask) -> String {
        "activity \(name(of: task.claim.nonce)) \(task.name) \(task.workflowType) \(task.queue) attempt \(task.attempt) "
            + "delivery \(task.deliveries), \(task.deaths) deaths, "
            + "heartbeat \(task.heartbeat.map(String.init(describing:)) ?? "-") "
            + "\(task.heartbeatDetails.map { text(of: $0) } ?? "-"), \(text(of: task.input))"
    }

    func text(of description: RunDescription) -> String {
        let outcome: String =
            switch description.outcome {
            case nil: "none"
            case .completed(let output): text(of: output)
            case .failed(let failure): text(of: failure)
            case .cancelled(let reason): "cancelled \(reason)"
            case .terminated(let reason): "terminated \(reason)"
            case .continuedAsNew: "continued as new"
            }
        return "\(name(of: description.run)) \(description.type) \(description.queue) \(description.state) "
            + "started \(description.startedAt != nil) closed \(description.closedAt != nil) "
            + "due \(description.dueAt != nil) \(description.lastEntry) \(description.lastArrival) \(description.through) "
            + "failures \(description.turnFailures) reason \(description.reason ?? "none") "
            + "\(text(of: description.blockage)) paused \(description.isPaused) outcome \(outcome) "
            + "parent \(description.parent.map(name) ?? "none") next \(description.successor.map(name) ?? "none")"
    }

    private func text(of blockage: Blockage?) -> String {
        guard let blockage else { return "not blocked" }
        return "blocked by \(blockage.worker) “\(blockage.build)” \(blockage.lastError ?? "-")"
    }

    func text(of answer: CommitAnswer) -> String {
        switch answer {
        case .committed: "committed"
        case .fenced: "fenced"
        case .refused(let unseen): "refused: \(text(of: unseen))"
        }
    }

    func text(of answer: ActivityCompletion.Answer) -> String {
        switch answer {
        case .resolved: "resolved"
        case .retrying: "retrying"
        case .pending: "pending"
        case .superseded: "superseded"
        }
    }

    func text(of result: ActivityCompletion.Result) -> String {
        switch result {
        case .completed(let output): "completed \(text(of: output))"
        case .failed(let failure, let isRetryable, let delay):
            "failed \(text(of: failure)) \(isRetryable) \(delay.map(String.init(describing:)) ?? "-")"
        case .retry(let delay, let reason): "retry after \(delay) \(reason)"
        case .later: "later"
        }
    }
}

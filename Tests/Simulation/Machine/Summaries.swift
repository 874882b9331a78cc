import Reprise

// What a trace says of requests and answers.

extension ClaimedWork {
    var summary: String {
        let workflows = workflowTasks.map { task in
            "\(task.claim.run)@\(task.claim.epoch)" + (task.deaths > 0 ? " after \(task.deaths) deaths" : "")
        }
        let activities = activityTasks.map { task in
            "\(task.claim.run)/\(task.claim.operation) \(task.name)"
                + (task.deaths > 0 ? " after \(task.deaths) deaths" : "")
        }
        let parked = parked.map { "parked \($0.type)" }
        return "[\((workflows + activities + parked).joined(separator: ", "))]"
    }
}

extension Commit {
    var summary: String {
        "commit \(claim.run) \(claim.nonce) through \(through) \(effects.map(\.summary))"
            + (closing.map { " \($0)" } ?? "")
    }
}

extension Commit.Effect {
    var summary: String {
        switch self {
        case .scheduleActivity(let activity): "\(activity.operation) \(activity.name)"
        case .startTimer(let operation, _): "\(operation) timer"
        case .startChild(let child): "\(child.operation) child \(child.workflowID)"
        case .signalChild(let operation, _): "signal \(operation)"
        case .cancel(let operation): "cancel \(operation)"
        }
    }
}

extension CommitAnswer {
    var summary: String {
        switch self {
        case .committed: "committed"
        case .fenced: "fenced"
        case .refused(let unseen): "refused: \(unseen.map { "\($0.number) \($0.kind)" })"
        }
    }
}

extension ActivityCompletion.Result {
    var summary: String {
        switch self {
        case .completed(let bytes): String(decoding: bytes, as: UTF8.self)
        case .failed(let failure, _, _): "failed: \(failure.type)"
        case .retry: "retry"
        case .later: "later"
        }
    }
}

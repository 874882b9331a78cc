extension Commit {
    /// Why it can't be meant, whatever the run is like.
    package var fault: String? {
        closingFault ?? effects.lazy.compactMap(fault(in:)).first
    }

    private var closingFault: String? {
        guard let closing else { return nil }
        guard [.completed, .failed, .cancelled, .continuedAsNew].contains(closing) else {
            return "it closes the run as \(closing)"
        }
        guard turn != nil else { return "it closes the run without a turn" }
        if let result, !isInTurn(result) { return "the result is not in the turn" }
        guard closing == .continuedAsNew else { return nil }
        let record = turn.flatMap { turn in result.map { Array(turn[$0]) } } ?? []
        return (try? StartRecord(decoding: record)) == nil ? "it has no start record for the next run" : nil
    }

    private func fault(in effect: Effect) -> String? {
        switch effect {
        case .scheduleActivity(let activity):
            guard isInTurn(activity.input) else {
                return "the input of operation \(activity.operation) is not in the turn"
            }
            let fault = LengthLimits.fault(in: [("activity", activity.name, false), ("queue", activity.queue, false)])
            return (fault ?? activity.retry.faultInTypes).map { "operation \(activity.operation), \($0)" }
        case .startChild(let child):
            guard isInTurn(child.record) else {
                return "the start record of operation \(child.operation) is not in the turn"
            }
            let fault = LengthLimits.fault(in: [
                ("workflow id", child.workflowID, false), ("workflow type", child.type, false),
                ("queue", child.queue, false), ("version", child.version, true),
            ])
            if let fault { return "operation \(child.operation), \(fault)" }
            let isKnown = [.terminate, .cancel, .abandon].contains(child.parentClosePolicy)
            return isKnown ? nil : "operation \(child.operation) has the parent close policy \(child.parentClosePolicy)"
        case .signalChild(let operation, let record):
            return isInTurn(record) ? nil : "a signal for operation \(operation) is not in the turn"
        case .startTimer, .cancel:
            return nil
        }
    }

    private func isInTurn(_ range: Range<Int>) -> Bool {
        range.lowerBound >= 0 && range.upperBound <= turn?.count ?? 0
    }
}

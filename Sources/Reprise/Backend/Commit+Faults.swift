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
            return isInTurn(activity.input) ? nil : "the input of operation \(activity.operation) is not in the turn"
        case .startChild(let child):
            guard isInTurn(child.record) else {
                return "the start record of operation \(child.operation) is not in the turn"
            }
            guard (1...255).contains(child.workflowID.utf8.count) else {
                return "a workflow id has 1 to 255 bytes; that of operation \(child.operation) has "
                    + "\(child.workflowID.utf8.count)"
            }
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

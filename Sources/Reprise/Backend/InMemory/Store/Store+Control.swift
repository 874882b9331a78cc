import OrderedCollections

extension Store {
    mutating func requestCancel(
        _ workflowID: String, _ runNumber: Int?, reason: String, now: Timestamp
    ) throws(BackendError) -> RunID {
        let number = follow(try find(workflowID, runNumber))
        if !runs[number]!.isCancelRequested {
            try checkOpen(number)
            requestCancel(number, reason: reason, now: now)
        }
        return runs[number]!.id
    }

    /// Asks an open run to end, once. One that has not started ends at once.
    mutating func requestCancel(_ number: Int, reason: String, now: Timestamp) {
        guard !runs[number]!.isCancelRequested else { return }
        runs[number]!.isCancelRequested = true
        arrive(.cancelRequested, run: number, at: now, payload: Array(reason.utf8))
        if runs[number]!.startedAt == nil {
            withdraw(number)
            close(number, as: .cancelled, result: Array(reason.utf8))
        }
    }

    mutating func terminate(
        _ workflowID: String, _ runNumber: Int?, reason: String, now: Timestamp
    ) throws(BackendError) -> RunID {
        let number = follow(try find(workflowID, runNumber))
        if runs[number]!.state != .terminated {
            try checkOpen(number)
            terminate(number, reason: reason, now: now)
        }
        return runs[number]!.id
    }

    /// Ends an open run, wherever it is.
    mutating func terminate(_ number: Int, reason: String, now: Timestamp) {
        withdraw(number)
        runs[number]!.append(.terminated, at: now, payload: Array(reason.utf8))
        close(number, as: .terminated, result: Array(reason.utf8))
    }

    mutating func pause(_ run: RunID, now: Timestamp) throws(BackendError) {
        let number = try find(run.workflowID, run.number)
        try checkOpen(number)
        guard !runs[number]!.isPaused else { return }
        runs[number]!.isPaused = true
        changed.insert(number)
        switch runs[number]!.place {
        case .queued, .idle:
            withdraw(number)
            settle(number, at: now)
        case .delayed, .leased, .blocked, .paused, .closed:
            break
        }
    }

    mutating func resume(_ run: RunID, now: Timestamp) throws(BackendError) {
        let number = try find(run.workflowID, run.number)
        try checkOpen(number)
        runs[number]!.isPaused = false
        changed.insert(number)
        if case .paused = runs[number]!.place { settle(number, at: now) }
    }

    /// A run, or the newest in which it went on.
    func follow(_ number: Int) -> Int {
        guard let run = runs[number], run.successor != nil, let last = newestByID[run.id.workflowID],
            runs[last]?.first == run.first
        else { return number }
        return last
    }

    private func checkOpen(_ number: Int) throws(BackendError) {
        guard let run = runs[number], run.state.isClosed else { return }
        throw BackendError(.runClosed, "run \(run.id) is closed", run: run.id)
    }
}

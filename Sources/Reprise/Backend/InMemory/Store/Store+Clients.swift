import OrderedCollections

extension Store {
    mutating func start(_ request: StartRequest, now: Timestamp) throws(BackendError) -> RunID {
        let id = request.workflowID
        if let fault = request.fault { throw BackendError(.invalidRequest, fault) }
        let key = RequestKey(workflowID: id, requestID: request.requestID)
        if let number = requests[key], let run = runs[number] { return run.id }
        if let number = newestByID[id], let run = runs[number], !run.state.isClosed {
            throw BackendError(.alreadyRunning, "workflow “\(id)” has an open run, number \(number)", run: run.id)
        }
        let run = newRun(of: id)
        add(
            StoredRun(
                id: run, requestID: request.requestID, type: request.record.type, queue: request.queue,
                version: request.record.version))
        let record = request.record.encoded()
        if let startAt = request.startAt, startAt > now {
            delay(run.number, until: startAt)
            arrive(.scheduled, run: run.number, at: now, payload: record)
        } else {
            arrive(.started, run: run.number, at: now, payload: record)
        }
        return run
    }

    mutating func signal(
        _ signal: SignalRecord, workflowID: String, runNumber: Int?, now: Timestamp
    ) throws(BackendError) -> RunID {
        if let fault = signal.fault { throw BackendError(.invalidRequest, fault) }
        let number = follow(try find(workflowID, runNumber))
        let run = runs[number]!.id
        guard !runs[number]!.state.isClosed else {
            throw BackendError(.runClosed, "run \(run) is closed and takes no signal", run: run)
        }
        arrive(.signalled, run: number, at: now, payload: signal.encoded())
        return run
    }

    func history(of run: RunID, after number: Int, limit: Int) throws(BackendError) -> [HistoryEntry] {
        Array(runs[try find(run.workflowID, run.number)]!.entries(after: number, limit: limit))
    }

    func blockedRuns(after last: RunDescription?, limit: Int) throws(BackendError) -> [RunDescription] {
        let order = { (one: RunDescription, other: RunDescription) in
            let (early, late) = (one.blockage!.since, other.blockage!.since)
            if early != late { return early < late }
            return one.run.description.utf8.lexicographicallyPrecedes(other.run.description.utf8)
        }
        var all: [RunDescription] = []
        for number in blocked { all.append(try describe(number)) }
        if let last, last.blockage != nil { all.removeAll { !order(last, $0) } }
        return Array(all.sorted(by: order).prefix(min(max(limit, 1), Limits.runsPerPage)))
    }

    mutating func unblock(_ run: RunID, now: Timestamp) throws(BackendError) {
        let number = try find(run.workflowID, run.number)
        guard case .blocked = runs[number]!.place else { return }
        runs[number]!.triedBuilds = []
        unblock(number, now: now)
    }

    /// Makes a blocked run go on.
    mutating func unblock(_ number: Int, now: Timestamp) {
        withdraw(number)
        runs[number]!.turnFailures = 0
        runs[number]!.deaths = 0
        runs[number]!.reason = nil
        runs[number]!.stuck = nil
        for operation in runs[number]!.blockedOperations.sorted() {
            runs[number]!.operations[operation]!.activity?.deaths = 0
            enqueue(operation, of: number, at: now)
        }
        runs[number]!.blockedOperations = []
        settle(number, at: now)
    }
}

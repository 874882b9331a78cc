extension Store {
    /// Starts the run after one that continues as new. It takes over the parent, the entries that the turn hands on, and
    /// the signals and the request to end that came after the last turn had stepped all it saw. ``close(_:as:result:)``
    /// must follow.
    mutating func continueAsNew(_ number: Int, _ record: StartRecord, carrying entries: [Int], at now: Timestamp) {
        let old = runs[number]!
        let run = newRun(of: old.id.workflowID)
        add(
            StoredRun(
                id: run, requestID: nil, type: old.type, queue: old.queue, version: record.version, parent: old.parent,
                first: old.first))
        runs[number]!.successor = run.number
        runs[run.number]!.append(.started, at: now, payload: record.encoded())
        let carried = Set(entries)
        for entry in old.history {
            let isWanted = entry.number > old.through || carried.contains(entry.number)
            if isWanted, entry.kind == .signalled || entry.kind == .cancelRequested {
                runs[run.number]!.append(entry.kind, at: now, payload: entry.payload)
                if entry.kind == .cancelRequested { runs[run.number]!.isCancelRequested = true }
            }
        }
        runs[run.number]!.isPaused = old.isPaused
        settle(run.number, at: now)
    }
}

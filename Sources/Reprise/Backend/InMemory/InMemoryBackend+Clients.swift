extension InMemoryBackend {
    /// Starts a run; see ``Backend/start(_:)``.
    public func start(_ request: StartRequest) async throws(BackendError) -> RunID {
        try transact { store, now throws(BackendError) in try store.start(request, now: now) }
    }

    /// Records a signal; see ``Backend/signal(_:workflowID:runNumber:)``.
    public func signal(
        _ signal: SignalRecord, workflowID: String, runNumber: Int?
    ) async throws(BackendError) -> RunID {
        try transact { store, now throws(BackendError) in
            try store.signal(signal, workflowID: workflowID, runNumber: runNumber, now: now)
        }
    }

    /// Tells where a run is; see ``Backend/describe(workflowID:runNumber:)``.
    public func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription {
        try transact { store, _ throws(BackendError) in try store.describe(store.find(workflowID, runNumber)) }
    }

    /// Reads a part of a history; see ``Backend/history(of:after:limit:)``.
    public func history(of run: RunID, after number: Int, limit: Int) async throws(BackendError) -> [HistoryEntry] {
        try transact { store, _ throws(BackendError) in try store.history(of: run, after: number, limit: limit) }
    }

    /// Waits for a run; see ``Backend/wait(for:until:)``.
    public func wait(for run: RunID, until condition: RunCondition) async throws(BackendError) -> RunDescription {
        let number = try transact { store, _ throws(BackendError) in try store.find(run.workflowID, run.number) }
        let cancelled = BackendError(.cancelled, "the waiting task was cancelled", run: run)
        return try await wait(orCancelled: .failure(cancelled)) { core, id, continuation in
            if let answer = core.store.answer(condition, for: number) { return answer }
            core.waits.add(Waits.RunWait(run: number, condition: condition, continuation: continuation), id: id)
            return nil
        }.get()
    }

    /// Lists blocked runs; see ``Backend/blockedRuns(after:limit:)``.
    public func blockedRuns(after last: RunDescription?, limit: Int) async throws(BackendError) -> [RunDescription] {
        try transact { store, _ throws(BackendError) in try store.blockedRuns(after: last, limit: limit) }
    }

    /// Makes a blocked run go on; see ``Backend/unblock(_:)``.
    public func unblock(_ run: RunID) async throws(BackendError) {
        try transact { store, now throws(BackendError) in try store.unblock(run, now: now) }
    }
}

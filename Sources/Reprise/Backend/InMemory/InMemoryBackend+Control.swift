extension InMemoryBackend {
    /// Asks a run to end; see ``Backend/requestCancel(workflowID:runNumber:reason:)``.
    public func requestCancel(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try transact { store, now throws(BackendError) in
            try store.requestCancel(workflowID, runNumber, reason: reason.cut(), now: now)
        }
    }

    /// Ends a run; see ``Backend/terminate(workflowID:runNumber:reason:)``.
    public func terminate(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try transact { store, now throws(BackendError) in
            try store.terminate(workflowID, runNumber, reason: reason.cut(), now: now)
        }
    }

    /// Pauses a run; see ``Backend/pause(_:)``.
    public func pause(_ run: RunID) async throws(BackendError) {
        try transact { store, now throws(BackendError) in try store.pause(run, now: now) }
    }

    /// Resumes a paused run; see ``Backend/resume(_:)``.
    public func resume(_ run: RunID) async throws(BackendError) {
        try transact { store, now throws(BackendError) in try store.resume(run, now: now) }
    }
}

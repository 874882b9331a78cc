extension Backend {
    /// Not implemented yet.
    public func requestCancel(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID { throw .unsupported }

    /// Not implemented yet.
    public func terminate(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID { throw .unsupported }

    /// Not implemented yet.
    public func pause(_ run: RunID) async throws(BackendError) { throw .unsupported }

    /// Not implemented yet.
    public func resume(_ run: RunID) async throws(BackendError) { throw .unsupported }

    /// Not implemented yet.
    public func heartbeat(
        _ claim: ActivityClaim, details: [UInt8]?
    ) async throws(BackendError) -> HeartbeatAnswer { throw .unsupported }

    /// Not implemented yet.
    public func cancellations(
        of worker: String
    ) async throws(BackendError) -> AsyncStream<ActivityCancellation> { AsyncStream { $0.finish() } }
}

extension BackendError {
    /// Not implemented yet.
    package static let unsupported = BackendError(.invalidRequest, "this backend can't do that yet")
}

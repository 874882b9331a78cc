extension Backend {
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

public import Reprise

extension RedisBackend {
    /// Looks at the server's settings: version, eviction, persistence, replicas, the user's rights, memory, clock. It asks
    /// for nothing that it can't do without: what `CONFIG` doesn't tell, `INFO` does, and what neither tells is named.
    ///
    /// - Returns: the worst first; none if all is well.
    public func preflight() async throws(BackendError) -> [PreflightFinding] {
        try await ServerFacts(of: self).findings(base: keys.base)
    }
}

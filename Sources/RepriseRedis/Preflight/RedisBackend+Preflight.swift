public import Reprise
import Synchronization

extension RedisBackend {
    /// Looks at the server's settings: version, eviction, persistence, replicas, the user's rights, memory, clock. It asks
    /// for nothing that it can't do without: what `CONFIG` doesn't tell, `INFO` does, and what neither tells is named.
    ///
    /// - Returns: the worst first; none if all is well.
    public func preflight() async throws(BackendError) -> [PreflightFinding] {
        let facts = try await ServerFacts(of: self)
        if let bytes = facts.setting("stream-node-max-bytes").flatMap({ Int($0) }) {
            // 0 is no limit; more than a page isn't taken at once.
            calls.streamNodeBytes.store(bytes > 0 ? min(bytes, 4096) : 4096, ordering: .relaxed)
        }
        return facts.findings(base: keys.base)
    }
}

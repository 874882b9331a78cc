public import Reprise
import Synchronization

extension RedisBackend {
    /// Looks at the server's settings, before a worker relies on it: as ``preflight(for:)`` for a worker's user.
    ///
    /// - Returns: the worst first; none if all is well.
    public func preflight() async throws(BackendError) -> [PreflightFinding] { try await preflight(for: [.worker]) }

    /// Looks at the server's settings: version, eviction, persistence, replicas, memory, clock, and the user's rights. It asks
    /// for nothing that it can't do without: what `CONFIG` doesn't tell, `INFO` does, and what neither tells is named.
    ///
    /// - Parameter roles: what the user is for. It tries the rights that these need, and no others.
    /// - Returns: the worst first; none if all is well.
    public func preflight(for roles: Set<RedisRole>) async throws(BackendError) -> [PreflightFinding] {
        let roles = RedisRole.allCases.filter(roles.contains)
        let facts = try await ServerFacts(of: self, for: roles)
        if let bytes = facts.setting("stream-node-max-bytes").flatMap({ Int($0) }) {
            // 0 is no limit; more than a page isn't taken at once.
            calls.streamNodeBytes.store(bytes > 0 ? min(bytes, 4096) : 4096, ordering: .relaxed)
        }
        return facts.findings(for: roles, base: keys.base)
    }
}

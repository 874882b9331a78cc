import Reprise

/// One test of ``BackendConformance``.
public struct ConformanceCase: Sendable, CustomStringConvertible {
    /// What the backend does, as a sentence.
    public let name: String
    let retention: Retention
    let body: @Sendable (Bench) async throws -> Void

    init(
        _ name: String, retention: Retention = Retention(), body: @escaping @Sendable (Bench) async throws -> Void
    ) {
        self.name = name
        self.retention = retention
        self.body = body
    }

    /// The name.
    public var description: String { name }
}

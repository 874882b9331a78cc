/// Thrown when a wait's own timeout passes. The run goes on.
public struct WaitTimeout: Error, Hashable, Sendable, CustomStringConvertible {
    /// The run.
    public let run: RunID
    /// The timeout.
    public let timeout: Duration
    /// Where the run was then; `nil` if the store could not say.
    public let lastSeen: RunDescription?

    /// The message for a log.
    public var description: String {
        let state = lastSeen.map { "; it is \($0.state)" } ?? ""
        let reason = lastSeen?.reason.map { ": \($0)" } ?? ""
        return "run \(run) did not get there within \(timeout)\(state)\(reason)"
    }
}

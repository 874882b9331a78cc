public import Reprise

/// Thrown by ``TestEnvironment/result(of:)`` for a run that can't go on, whatever the time.
public struct StuckRun: Error, Sendable, CustomStringConvertible {
    /// The run.
    public let run: RunID
    /// Why, and what to do about it.
    public let reason: String

    /// The message of a failed test.
    public var description: String { "run \(run) can't go on: \(reason)" }
}

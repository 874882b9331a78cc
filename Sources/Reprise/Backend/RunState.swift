/// Where a run is. A run is in exactly one state, and every state but the closed ones, `blocked` and `paused` has
/// exactly one thing that will wake it.
public struct RunState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The stored word.
    public let rawValue: String
    /// Any word: a state of a later version is shown, not lost.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The stored word.
    public var description: String { rawValue }

    /// Accepted, and due to start later; or its last turn failed and is due again later.
    public static let delayed = RunState(rawValue: "delayed")
    /// In a queue, waiting for a worker that knows its type.
    public static let queued = RunState(rawValue: "queued")
    /// Held by a worker, which is advancing it.
    public static let leased = RunState(rawValue: "leased")
    /// Everything that arrived has been seen; it waits for an activity, a timer or a signal.
    public static let idle = RunState(rawValue: "idle")
    /// It needs a person or a new build; ``RunDescription/reason`` says why. Its history and timers are kept.
    public static let blocked = RunState(rawValue: "blocked")
    /// Somebody paused it: what arrives is recorded, and no turn is taken until it is resumed.
    public static let paused = RunState(rawValue: "paused")
    /// Closed: the workflow returned.
    public static let completed = RunState(rawValue: "completed")
    /// Closed: the workflow threw.
    public static let failed = RunState(rawValue: "failed")

    /// Closed: the workflow ended because it was asked to.
    public static let cancelled = RunState(rawValue: "cancelled")
    /// Closed: somebody ended it without asking the workflow.
    public static let terminated = RunState(rawValue: "terminated")
    /// Closed: it goes on in a new run of the same workflow id, ``RunDescription/successor``.
    public static let continuedAsNew = RunState(rawValue: "continuedAsNew")

    /// Whether the run has ended. A closed run never changes again.
    public var isClosed: Bool { RunState.closed.contains(self) }

    private static let closed: Set<RunState> = [.completed, .failed, .cancelled, .terminated, .continuedAsNew]
}

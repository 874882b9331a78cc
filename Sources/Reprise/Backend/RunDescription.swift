/// What a backend knows of a run without replaying it.
public struct RunDescription: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// The registered name of its workflow type.
    public var type: String
    /// The queue that its workflow tasks go to.
    public var queue: String
    /// The version given at start; empty if none.
    public var version: String
    /// Where it is.
    public var state: RunState
    /// When `started` was recorded; `nil` while a delayed start is pending.
    public var startedAt: Timestamp?
    /// When it ended.
    public var closedAt: Timestamp?
    /// When a delayed run is due.
    public var dueAt: Timestamp?
    /// The number of the newest history entry.
    public var lastEntry: Int
    /// The number of the newest arrival.
    public var lastArrival: Int
    /// The number of the last arrival that a committed turn had stepped.
    public var through: Int
    /// How many turns in a row failed.
    public var turnFailures: Int
    /// Why it is blocked, or why its last turn failed.
    public var reason: String?
    /// What blocked it; `nil` if it isn't blocked.
    public var blockage: Blockage?
    /// Whether it takes no turn until it is resumed. Its state is ``RunState/paused`` once nothing else holds it.
    public var isPaused: Bool
    /// How it ended.
    public var outcome: RunOutcome?
    /// The run that started it as a child.
    public var parent: RunID?
    /// The run in which it goes on, if it continued as new.
    public var successor: RunID?

    /// Makes a description.
    public init(
        run: RunID, type: String, queue: String, version: String, state: RunState, startedAt: Timestamp? = nil,
        closedAt: Timestamp? = nil, dueAt: Timestamp? = nil, lastEntry: Int, lastArrival: Int, through: Int,
        turnFailures: Int = 0, reason: String? = nil, blockage: Blockage? = nil, isPaused: Bool = false,
        outcome: RunOutcome? = nil, parent: RunID? = nil, successor: RunID? = nil
    ) {
        self.run = run
        self.type = type
        self.queue = queue
        self.version = version
        self.state = state
        self.startedAt = startedAt
        self.closedAt = closedAt
        self.dueAt = dueAt
        self.lastEntry = lastEntry
        self.lastArrival = lastArrival
        self.through = through
        self.turnFailures = turnFailures
        self.reason = reason
        self.blockage = blockage
        self.isPaused = isPaused
        self.outcome = outcome
        self.parent = parent
        self.successor = successor
    }
}

/// What a worker decided about a run it holds.
public struct Commit: Hashable, Sendable {
    /// The claim it is made under. The commit ends it, unless it is refused.
    public var claim: WorkflowClaim
    /// The last arrival that the turn had stepped.
    public var through: Int
    /// The encoded ``Turn``; `nil` if nothing was decided, and then no entry is written.
    public var turn: [UInt8]?
    /// What the turn's commands put in place or take back, in order.
    public var effects: [Effect]
    /// The state to close the run with; `nil` if it goes on.
    public var closing: RunState?
    /// Closes even though arrivals were not seen; they stay in the history after the last `through`.
    public var closesRegardless: Bool

    /// Makes a commit.
    public init(
        claim: WorkflowClaim, through: Int, turn: [UInt8]? = nil, effects: [Effect] = [], closing: RunState? = nil,
        closesRegardless: Bool = false
    ) {
        self.claim = claim
        self.through = through
        self.turn = turn
        self.effects = effects
        self.closing = closing
        self.closesRegardless = closesRegardless
    }

    /// One change to a run's open operations.
    public enum Effect: Hashable, Sendable {
        /// Queues an activity.
        case scheduleActivity(ScheduledActivity)
        /// Records `timerFired` for the operation at a time.
        case startTimer(operation: Int, due: Timestamp)
        /// Removes the operation and whatever waits for it. A no-op if it is resolved already.
        case cancel(operation: Int)
    }
}

/// An activity that a turn schedules.
public struct ScheduledActivity: Hashable, Sendable {
    /// Its operation number.
    public var operation: Int
    /// The activity's name.
    public var name: String
    /// The queue it goes to.
    public var queue: String
    /// Where the encoded input is in ``Commit/turn``: it travels once.
    public var input: Range<Int>
    /// How long one attempt may take, from hand-out to completion.
    public var timeout: Duration
    /// When an attempt that threw or timed out is followed by another.
    public var retry: RetryPolicy

    /// Makes a value.
    public init(
        operation: Int, name: String, queue: String, input: Range<Int>, timeout: Duration, retry: RetryPolicy
    ) {
        self.operation = operation
        self.name = name
        self.queue = queue
        self.input = input
        self.timeout = timeout
        self.retry = retry
    }
}

/// What a commit answers.
public enum CommitAnswer: Hashable, Sendable {
    /// The turn is recorded and the claim has ended.
    case committed
    /// A closing commit had not seen these arrivals, which are all after its `through`; if there are very many, they are
    /// the first ones. Nothing was written and the claim stands: step them and commit again under the same claim.
    case refused(unseen: [HistoryEntry])
    /// Another claim, a closed run or a lapsed lease came in between. Nothing was written.
    case fenced
}

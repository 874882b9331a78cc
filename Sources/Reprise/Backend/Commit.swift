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
    /// The state to close the run with: completed, failed, cancelled or continuedAsNew; `nil` if it goes on.
    public var closing: RunState?
    /// Where in ``turn`` the payload of the closing command is, which a parent gets: an output, a ``FailureRecord``, the
    /// reason of a cancellation, or, of a run that continues as new, the ``StartRecord`` of the next.
    public var result: Range<Int>?
    /// The signals that a run which continues as new hands on, and the request to end if it came when the code had ended,
    /// by their entries' numbers, in order. The backend copies the entries to the new history, after its `started`, and after them what came for it beyond ``through``.
    public var carried: [Int]
    /// Closes even though arrivals were not seen; they stay in the history after the last `through`.
    public var closesRegardless: Bool

    /// Makes a commit.
    public init(
        claim: WorkflowClaim, through: Int, turn: [UInt8]? = nil, effects: [Effect] = [], closing: RunState? = nil,
        result: Range<Int>? = nil, carried: [Int] = [], closesRegardless: Bool = false
    ) {
        self.claim = claim
        self.through = through
        self.turn = turn
        self.effects = effects
        self.closing = closing
        self.result = result
        self.carried = carried
        self.closesRegardless = closesRegardless
    }

    /// One change to a run's open operations.
    public enum Effect: Hashable, Sendable {
        /// Queues an activity.
        case scheduleActivity(ScheduledActivity)
        /// Records `timerFired` for the operation at a time.
        case startTimer(operation: Int, due: Timestamp)
        /// Asks for the start of a child workflow, by a message.
        case startChild(ScheduledChild)
        /// Sends a signal to a child, by a message; the ``SignalRecord`` is at a place in ``Commit/turn``. It is dropped
        /// if the child isn't open when the message comes.
        case signalChild(operation: Int, record: Range<Int>)
        /// Removes the operation and whatever waits for it: a running attempt is told, a child is asked to end by a
        /// message. A no-op if it is resolved already.
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
    /// How long it may take.
    public var timeouts: ActivityTimeouts
    /// When an attempt that threw or timed out is followed by another.
    public var retry: RetryPolicy

    /// Makes a value.
    public init(
        operation: Int, name: String, queue: String, input: Range<Int>, timeouts: ActivityTimeouts,
        retry: RetryPolicy
    ) {
        self.operation = operation
        self.name = name
        self.queue = queue
        self.input = input
        self.timeouts = timeouts
        self.retry = retry
    }
}

/// A child workflow that a turn starts.
public struct ScheduledChild: Hashable, Sendable {
    /// Its operation number.
    public var operation: Int
    /// Its workflow id.
    public var workflowID: String
    /// The registered name of its workflow type.
    public var type: String
    /// The version that its ``StartRecord`` has.
    public var version: String
    /// The queue for its workflow tasks.
    public var queue: String
    /// Where its encoded ``StartRecord`` is in ``Commit/turn``.
    public var record: Range<Int>
    /// What becomes of it when the parent closes first.
    public var parentClosePolicy: ParentClosePolicy

    /// Makes a value.
    public init(
        operation: Int, workflowID: String, type: String, version: String, queue: String, record: Range<Int>,
        parentClosePolicy: ParentClosePolicy
    ) {
        self.operation = operation
        self.workflowID = workflowID
        self.type = type
        self.version = version
        self.queue = queue
        self.record = record
        self.parentClosePolicy = parentClosePolicy
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

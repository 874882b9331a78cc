/// A worker's request for work.
public struct ClaimRequest: Hashable, Sendable {
    /// Unique per call: the worker's id and a counter. Task number *i* of the answer is held under `"<id>.<i>"`, its
    /// nonce, counted from 0: workflow tasks first, then activity tasks.
    public var id: String
    /// The worker, which must be registered.
    public var worker: String
    /// How many workflow tasks it has room for.
    public var workflowSlots: Int
    /// How many activity tasks it has room for.
    public var activitySlots: Int

    /// Makes a request.
    public init(id: String, worker: String, workflowSlots: Int, activitySlots: Int) {
        self.id = id
        self.worker = worker
        self.workflowSlots = workflowSlots
        self.activitySlots = activitySlots
    }
}

/// What a claim answers.
public struct ClaimedWork: Hashable, Sendable {
    /// Runs to advance.
    public var workflowTasks: [WorkflowTask]
    /// Activities to run.
    public var activityTasks: [ActivityTask]
    /// When the next timer or lease is due; `nil` if there is none.
    public var nextDue: Timestamp?
    /// The backend's clock.
    public var now: Timestamp
    /// Types of tasks that this call moved aside because the worker doesn't know them.
    public var parked: [ParkedTask]
    /// Whether the claim renewed the worker's registration, as ``Backend/renew(worker:workflows:activities:)`` does. Default: no.
    public var isRenewal: Bool

    /// Makes an answer.
    public init(
        workflowTasks: [WorkflowTask] = [], activityTasks: [ActivityTask] = [], nextDue: Timestamp? = nil,
        now: Timestamp, parked: [ParkedTask] = [], isRenewal: Bool = false
    ) {
        self.workflowTasks = workflowTasks
        self.activityTasks = activityTasks
        self.nextDue = nextDue
        self.now = now
        self.parked = parked
        self.isRenewal = isRenewal
    }

    /// Whether there is nothing to do.
    public var isEmpty: Bool { workflowTasks.isEmpty && activityTasks.isEmpty }
}

/// A task that waits for a worker that knows its type.
public struct ParkedTask: Hashable, Sendable {
    /// The run that it belongs to.
    public var run: RunID
    /// The workflow type, or the activity's name.
    public var type: String
    /// Whether it is an activity task.
    public var isActivity: Bool

    /// Makes a value.
    public init(run: RunID, type: String, isActivity: Bool) {
        self.run = run
        self.type = type
        self.isActivity = isActivity
    }
}

/// A worker's right to advance a run: good until its lease expires or the run is claimed again.
public struct WorkflowClaim: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// Counts the claims of this run.
    public var epoch: Int
    /// Names the claim. Epochs can come back after a failover; nonces can't.
    public var nonce: String

    /// Makes a claim.
    public init(run: RunID, epoch: Int, nonce: String) {
        self.run = run
        self.epoch = epoch
        self.nonce = nonce
    }
}

/// A run to advance.
public struct WorkflowTask: Hashable, Sendable {
    /// The claim it is held under.
    public var claim: WorkflowClaim
    /// The registered name of its workflow type.
    public var type: String
    /// The queue it came from.
    public var queue: String
    /// The number of the last arrival that a committed turn had stepped.
    public var through: Int
    /// The nonce of the last commit; empty before the first. A cached run is valid if and only if this is the nonce
    /// that it committed last.
    public var lastCommit: String
    /// How many turns in a row failed.
    public var turnFailures: Int
    /// How many workers died while they held it, in a row.
    public var deaths: Int
    /// The history after entry ``historyStart``, in order, up to the newest entry.
    public var history: [HistoryEntry]
    /// 0 if ``history`` is whole. If the last commit came from this worker, only what came after it is sent; or, if there were
    /// arrivals that it had not stepped, what came after ``through``: then the turns among them are the worker's own.
    public var historyStart: Int
    /// Whether entries after the last of ``history`` remain to be read with ``Backend/history(of:after:limit:)``.
    public var hasMore: Bool

    /// Makes a task.
    public init(
        claim: WorkflowClaim, type: String, queue: String, through: Int, lastCommit: String, turnFailures: Int,
        deaths: Int, history: [HistoryEntry], historyStart: Int, hasMore: Bool
    ) {
        self.claim = claim
        self.type = type
        self.queue = queue
        self.through = through
        self.lastCommit = lastCommit
        self.turnFailures = turnFailures
        self.deaths = deaths
        self.history = history
        self.historyStart = historyStart
        self.hasMore = hasMore
    }
}

/// A worker's right to run one attempt of an activity.
public struct ActivityClaim: Hashable, Sendable {
    /// The run that scheduled it.
    public var run: RunID
    /// Its operation number in that run.
    public var operation: Int
    /// Names the claim.
    public var nonce: String

    /// Makes a claim.
    public init(run: RunID, operation: Int, nonce: String) {
        self.run = run
        self.operation = operation
        self.nonce = nonce
    }
}

/// An activity to run.
public struct ActivityTask: Hashable, Sendable {
    /// The claim it is held under.
    public var claim: ActivityClaim
    /// The activity's name.
    public var name: String
    /// The registered name of the workflow type that scheduled it.
    public var workflowType: String
    /// The queue it came from.
    public var queue: String
    /// How many attempts before this one threw or timed out, plus one.
    public var attempt: Int
    /// How often it has been handed to a worker, this time included.
    public var deliveries: Int
    /// How many workers died while they held it, in a row.
    public var deaths: Int
    /// When the attempt times out by the backend's clock, heartbeats apart.
    public var deadline: Timestamp
    /// How long the attempt may go without a heartbeat; `nil` if it needs none.
    public var heartbeat: Duration?
    /// The details of the last heartbeat of this or an earlier attempt; `nil` if there was none.
    public var heartbeatDetails: [UInt8]?
    /// The encoded input.
    public var input: [UInt8]

    /// Makes a task.
    public init(
        claim: ActivityClaim, name: String, workflowType: String, queue: String, attempt: Int, deliveries: Int,
        deaths: Int, deadline: Timestamp, heartbeat: Duration? = nil, heartbeatDetails: [UInt8]? = nil, input: [UInt8]
    ) {
        self.claim = claim
        self.name = name
        self.workflowType = workflowType
        self.queue = queue
        self.attempt = attempt
        self.deliveries = deliveries
        self.deaths = deaths
        self.deadline = deadline
        self.heartbeat = heartbeat
        self.heartbeatDetails = heartbeatDetails
        self.input = input
    }
}

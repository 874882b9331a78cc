/// A run as the in-memory backend holds it.
struct StoredRun {
    /// Where a run is: exactly one thing wakes it, or none if it is closed, blocked or paused.
    enum Place {
        case delayed(due: Timestamp, ticket: Int)
        case queued(ticket: Int)
        case leased(Lease)
        case idle
        case blocked(Blockage)
        case paused
        case closed(RunState)
    }

    /// What will block a run, or does, because workers died that ran one of its activities.
    struct Stuck {
        var worker: String
        var build: String
        var reason: String
        var lastError: String?
    }

    let id: RunID
    /// The request that started it; `nil` for a child and for a run that another one continued as.
    let requestID: String?
    let type: String
    let queue: String
    let version: String
    /// What it is a child of.
    let parent: ParentLink?
    /// The number of the first run in the row of those that continued as new up to this one.
    let first: Int
    var place: Place = .idle
    /// Entry `number` is at index `number - 1`.
    private(set) var history: [HistoryEntry] = []
    private(set) var lastArrival = 0
    /// How many bytes the entries have.
    private(set) var historyBytes = 0
    var through = 0
    /// Counts the claims.
    var epoch = 0
    /// The nonce of the last claim, also after it ended.
    var nonce = ""
    /// The nonce of the last commit.
    var lastCommit = ""
    /// The worker that made it.
    var lastCommitWorker = ""
    /// Up to which entry that worker knows the history since.
    var lastCommitEntry = 0
    /// Whether it is not to be moved until it is resumed; it is in the place `paused`, or goes there next.
    var isPaused = false
    /// Whether it was asked to end.
    var isCancelRequested = false
    var turnFailures = 0
    var deaths = 0
    var reason: String?
    /// The builds that it was blocked by since it last committed or was unblocked by hand.
    var triedBuilds: [String] = []
    var startedAt: Timestamp?
    var closedAt: Timestamp?
    /// The number of the run in which it goes on, if it continued as new.
    var successor: Int?
    /// What it has asked for and not yet got, by operation number.
    var operations: [Int: StoredOperation] = [:]
    /// Those of them that are blocked.
    var blockedOperations: Set<Int> = []
    /// The last one that was blocked.
    var stuck: Stuck?

    init(
        id: RunID, requestID: String?, type: String, queue: String, version: String, parent: ParentLink? = nil,
        first: Int? = nil
    ) {
        self.id = id
        self.requestID = requestID
        self.type = type
        self.queue = queue
        self.version = version
        self.parent = parent
        self.first = first ?? id.number
    }

    var state: RunState {
        switch place {
        case .delayed: .delayed
        case .queued: .queued
        case .leased: .leased
        case .idle: .idle
        case .blocked: .blocked
        case .paused: .paused
        case .closed(let state): state
        }
    }

    /// What an entry counts beside its payload: about what its time and its reference need in Redis.
    private static let entryHeader = 16

    /// How many bytes it has, as ``Retention/bytes`` counts them.
    var retainedBytes: Int { historyBytes + Retention.bytesPerRun }

    /// The lease, if it is held under this claim.
    func lease(under claim: WorkflowClaim) -> Lease? {
        guard case .leased(let lease) = place, nonce == claim.nonce, epoch == claim.epoch else { return nil }
        return lease
    }

    /// Appends an entry, at a time that is never before that of the last one.
    mutating func append(_ kind: HistoryEntry.Kind, at now: Timestamp, reference: Int = 0, payload: [UInt8] = []) {
        let time = max(now, history.last?.time ?? now)
        let entry = HistoryEntry(
            number: history.count + 1, kind: kind, time: time, reference: reference, payload: payload)
        history.append(entry)
        historyBytes += StoredRun.entryHeader + payload.count
        if entry.isArrival { lastArrival = entry.number }
        if kind == .started { startedAt = time }
    }

    /// The entries after a number: up to `limit`, and up to the byte limit of a page, but at least one.
    func entries(after number: Int, limit: Int) -> ArraySlice<HistoryEntry> {
        let start = min(max(number, 0), history.count)
        var end = start
        var bytes = 0
        while end < history.count, end - start < max(limit, 1) {
            bytes += history[end].payload.count
            if bytes > Limits.pageBytes, end > start { break }
            end += 1
        }
        return history[start..<end]
    }

    func description() throws(BackendError) -> RunDescription {
        var dueAt: Timestamp?
        if case .delayed(let due, _) = place { dueAt = due }
        var blockage: Blockage?
        if case .blocked(let what) = place { blockage = what }
        return RunDescription(
            run: id, type: type, queue: queue, version: version, state: state, startedAt: startedAt,
            closedAt: closedAt, dueAt: dueAt, lastEntry: history.count, lastArrival: lastArrival, through: through,
            turnFailures: turnFailures, reason: reason, blockage: blockage, isPaused: isPaused, outcome: try outcome(),
            parent: parent?.run, successor: successor.map { RunID(workflowID: id.workflowID, number: $0) })
    }

    private func outcome() throws(BackendError) -> RunOutcome? {
        guard case .closed = place, let last = history.last else { return nil }
        do {
            return try RunOutcome(kind: last.kind, payload: last.payload)
        } catch {
            throw BackendError(.corrupt, "run \(id): \(error)", run: id)
        }
    }
}

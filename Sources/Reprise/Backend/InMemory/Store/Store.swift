import DequeModule
import OrderedCollections

/// All that the in-memory backend holds: a value without I/O and without a clock. Every method is one transition at the
/// time `now`.
struct Store {
    /// A start request, which is answered by the run that it started.
    struct RequestKey: Hashable {
        var workflowID: ExactName
        var requestID: ExactName

        init(workflowID: String, requestID: String) {
            self.workflowID = ExactName(workflowID)
            self.requestID = ExactName(requestID)
        }
    }

    /// A task that a worker holds.
    enum Held: Hashable {
        case workflow(run: Int)
        case activity(run: Int, operation: Int)
    }

    let retention: Retention
    let deathLimit: Int

    var runs: [Int: StoredRun] = [:]
    /// The newest run of each workflow id.
    var newestByID: [ExactName: Int] = [:]
    var requests: [RequestKey: Int] = [:]
    var queues: [ExactName: TaskQueue] = [:]
    var schedule = DueSchedule()
    /// What was sent and not delivered yet.
    var outbox: Deque<Message> = []
    var workers: OrderedDictionary<String, StoredWorker> = [:]
    /// What each worker holds, by nonce, in the order of the claims. A worker may be here whose registration lapsed.
    var held: [String: OrderedDictionary<String, Held>] = [:]
    /// The suspects that workers took that still hold something.
    var trials: [String: Trials] = [:]
    /// Blocked runs, in the order in which they were blocked.
    var blocked: OrderedSet<Int> = []
    /// Closed runs, in the order in which they were closed.
    var closed: Deque<Int> = []
    /// How many bytes they have, as ``Retention/bytes`` counts them.
    var closedBytes = 0
    private var lastRun = 0
    private var lastTicket = 0

    /// Workers that were given a token since this was last emptied.
    var woken: [String] = []
    /// Runs that may have changed since this was last emptied.
    var changed: Set<Int> = []
    /// Word to workers of attempts that are not wanted any more, since this was last emptied.
    var cancellations: [(worker: String, cancellation: ActivityCancellation)] = []

    init(retention: Retention, deathLimit: Int) {
        self.retention = retention
        self.deathLimit = deathLimit
    }

    mutating func ticket() -> Int {
        lastTicket += 1
        return lastTicket
    }

    // MARK: Finding runs

    func find(_ workflowID: String, _ number: Int?) throws(BackendError) -> Int {
        if let number = number ?? newestByID[workflowID], find(RunID(workflowID: workflowID, number: number)) != nil {
            return number
        }
        let which = number.map { "no run \($0) of workflow “\(workflowID)”" } ?? "no run of workflow “\(workflowID)”"
        throw BackendError(.runNotFound, "there is \(which)")
    }

    func find(_ run: RunID) -> Int? {
        runs[run.number]?.id == run ? run.number : nil
    }

    func describe(_ number: Int) throws(BackendError) -> RunDescription {
        // Only numbers that were just found come here.
        try runs[number]!.description()
    }

    // MARK: New runs

    mutating func newRun(of workflowID: String) -> RunID {
        lastRun += 1
        return RunID(workflowID: workflowID, number: lastRun)
    }

    mutating func add(_ run: StoredRun) {
        runs[run.id.number] = run
        newestByID[run.id.workflowID] = run.id.number
        if let request = run.requestID {
            requests[RequestKey(workflowID: run.id.workflowID, requestID: request)] = run.id.number
        }
    }

    // MARK: Arrivals

    /// Records what happened, and queues the run if it was idle.
    mutating func arrive(
        _ kind: HistoryEntry.Kind, run number: Int, at now: Timestamp, reference: Int = 0, payload: [UInt8] = []
    ) {
        runs[number]!.append(kind, at: now, reference: reference, payload: payload)
        changed.insert(number)
        if case .idle = runs[number]!.place { settle(number, at: now) }
    }

    // MARK: Places of runs

    /// Puts a run that stopped being leased, delayed, blocked or paused where it belongs.
    mutating func settle(_ number: Int, toFront: Bool = false, at now: Timestamp) {
        changed.insert(number)
        let run = runs[number]!
        if let stuck = run.stuck, !run.blockedOperations.isEmpty {
            let blockage = Blockage(
                since: now, worker: stuck.worker, build: stuck.build, lastError: stuck.lastError)
            block(number, blockage, reason: stuck.reason)
        } else if run.isPaused {
            runs[number]!.place = .paused
        } else if run.lastArrival > run.through {
            let item = ReadyList.Item(ticket: ticket(), run: number, type: run.type)
            runs[number]!.place = .queued(ticket: item.ticket)
            push(item, to: run.queue, .workflow, toFront: toFront)
        } else {
            runs[number]!.place = .idle
        }
    }

    mutating func block(_ number: Int, _ blockage: Blockage, reason: String) {
        runs[number]!.place = .blocked(blockage)
        runs[number]!.reason = reason
        if !runs[number]!.triedBuilds.contains(where: { $0.isExactly(blockage.build) }) {
            runs[number]!.triedBuilds.append(blockage.build)
        }
        if runs[number]!.triedBuilds.count > Limits.triedBuilds { runs[number]!.triedBuilds.removeFirst() }
        blocked.append(number)
        changed.insert(number)
    }

    mutating func delay(_ number: Int, until due: Timestamp) {
        let ticket = ticket()
        schedule.insert(.run(number), due: due, ticket: ticket)
        runs[number]!.place = .delayed(due: due, ticket: ticket)
        changed.insert(number)
    }

    /// Ends the lease of a run, which is then nowhere: put it somewhere.
    mutating func endLease(of number: Int, _ lease: Lease) {
        schedule.remove(lease.ticket)
        let nonce = runs[number]!.nonce
        letGo(nonce, worker: lease.worker, .workflow)
    }

    // MARK: Places of activities

    /// Queues an activity that is nowhere.
    mutating func enqueue(_ operation: Int, of number: Int, toFront: Bool = false, at now: Timestamp) {
        guard let activity = runs[number]?.operations[operation]?.activity else { return }
        let item = ReadyList.Item(ticket: ticket(), run: number, operation: operation, type: activity.name)
        var timeout: (due: Timestamp, ticket: Int)?
        if let due = activity.queueDeadline(at: now) {
            let ticket = ticket()
            schedule.insert(.queuedActivity(run: number, operation: operation), due: due, ticket: ticket)
            timeout = (due, ticket)
        }
        runs[number]!.operations[operation]!.source = .queued(ticket: item.ticket, timeout: timeout)
        push(item, to: activity.queue, .activity, toFront: toFront)
    }

    mutating func delay(_ operation: Int, of number: Int, until due: Timestamp) {
        let ticket = ticket()
        schedule.insert(.attempt(run: number, operation: operation), due: due, ticket: ticket)
        runs[number]!.operations[operation]!.source = .delayed(due: due, ticket: ticket)
    }

    /// Ends the lease of an activity, which is then nowhere: put it somewhere.
    mutating func endLease(of operation: Int, in number: Int, _ lease: Lease) {
        schedule.remove(lease.ticket)
        if let nonce = runs[number]?.operations[operation]?.activity?.nonce {
            letGo(nonce, worker: lease.worker, .activity)
        }
    }

    /// Removes an operation and its source, and tells the worker that runs it. A no-op if it is not open.
    mutating func remove(_ operation: Int, of number: Int, because reason: CancellationReason = .requested) {
        guard let open = runs[number]?.operations[operation] else { return }
        switch open.source {
        case .child:
            break
        case .timer(_, let ticket), .delayed(_, let ticket), .pending(_, let ticket):
            schedule.remove(ticket)
        case .queued(let ticket, let timeout):
            if let queue = open.activity?.queue { queues[queue]?.activities.remove(ticket) }
            if let timeout { schedule.remove(timeout.ticket) }
        case .leased(let lease):
            endLease(of: operation, in: number, lease)
            tell(lease.worker, open.activity, reason)
        case .blocked:
            runs[number]!.blockedOperations.remove(operation)
        }
        runs[number]!.operations[operation] = nil
    }

    /// Tells a worker that an attempt which it runs is not wanted any more.
    mutating func tell(_ worker: String, _ activity: StoredActivity?, _ reason: CancellationReason) {
        guard let nonce = activity?.nonce else { return }
        cancellations.append((worker, ActivityCancellation(nonce: nonce, reason: reason)))
    }

    // MARK: Queues and wake-ups

    private mutating func push(_ item: ReadyList.Item, to queue: String, _ kind: TaskKind, toFront: Bool) {
        if toFront {
            queues[queue, default: TaskQueue()][kind].prepend(item)
        } else {
            queues[queue, default: TaskQueue()][kind].append(item)
        }
        wakeOne(in: queue, kind, for: item.type)
    }

    private mutating func letGo(_ nonce: String, worker: String, _ kind: TaskKind) {
        held[worker]?[nonce] = nil
        if held[worker]?.isEmpty == true {
            held[worker] = nil
            trials[worker] = nil
        }
        workers[worker]?.addRoom(1, for: kind)
        wakeIfUseful(worker)
    }
}

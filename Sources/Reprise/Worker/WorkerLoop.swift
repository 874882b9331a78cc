import Foundation
import Logging

/// A running worker: claims work into its free slots, and waits where there is none.
actor WorkerLoop {
    let backend: any Backend
    let registration: WorkerRegistration
    let registry: Registry
    let queue: String
    let options: WorkerOptions
    let codec: PayloadCodec
    let logger: Logger
    let threads: TurnThreads
    let runner: ActivityRunner
    let runtime: WorkerRuntime

    var cache: RunCache
    var turns: Slots<WorkflowClaim>
    var activities: Slots<ActivityClaim>
    /// The activities that run now, by nonce.
    var attempts: [String: ActivityAttempt] = [:]
    /// The local activities that run now, by the nonces of their turns and by operation.
    var localActivities: [String: [Int: Task<LocalResult.Result?, Never>]] = [:]
    /// The claim requests that have no answer yet, and what is lost already of the tasks that the answer will bring.
    var claimsUnderWay: [String: [String: CancellationReason]] = [:]
    /// Claims that the backend said are lost: their results are not wanted.
    var lost: Set<String> = []
    /// Runs while turns do.
    var watchdog: Task<Void, Never>?
    var isDraining = false
    /// What is still in progress isn't waited for any more.
    var isOverdue = false
    /// Turns and completions that are not over: ``run()`` waits for them.
    var inProgress = 0
    /// What is recorded next.
    var unrecorded = WorkerReport()
    /// The turns of which the commits are in ``unrecorded``.
    var stepped: [TurnWork] = []
    /// The engines of the foreseen turns in ``unrecorded``.
    var foreseen: [ReplayEngine] = []
    /// How many reports were begun, and of how many the answers are taken: in this order.
    var reports = (begun: 0, over: 0)
    /// Whether one of them has still to take what there is.
    var isGathering = false
    /// Results with which runs in memory are about to be stepped.
    var unforeseen: [ActivityCompletion] = []
    /// The turns that are taken with results and have no answer yet.
    var foreseeing: [RunID: ForeseenWork] = [:]
    /// Runs that were given up while that goes on, and the tasks that wait for its end: code that loops must not loop twice.
    var heldUp: [RunID: [WorkflowTask]] = [:]
    /// Workflow types that use local activities, whose turns take too long for that.
    var unforeseenTypes: Set<String> = []
    /// What the store's clock showed, and when that was heard.
    private var heard: (time: Timestamp, at: Duration)?
    /// When the registration was renewed last, and all leases that there were.
    var renewed = Duration.zero
    /// How many results of a run go the usual way and have no answer yet.
    var plainResults: [RunID: Int] = [:]
    /// Nonces of completions that have no answer yet.
    var completing: Set<String> = []
    /// Sleeps until the first deadline of an attempt, or one that was the first.
    var deadlines: (task: Task<Void, Never>, due: Duration)?
    /// Attempts that have passed a deadline, of which the store isn't told yet.
    var overdue: [ActivityClaim] = []
    /// Whether it is being told of some.
    var isTellingOverdue = false
    /// Engines that are out of the cache and not evicted yet.
    var retired: [ReplayEngine] = []
    /// Clears up after a lost reply. Meanwhile nothing is claimed.
    var recovery: Task<Void, Never>?
    /// How long recoveries wait. They begin anew once there was work, or a wait for it: a store may refuse the one call
    /// that matters and answer all others.
    var recoveryBackoff: Backoff
    /// The part of ``WorkerOptions/lease`` after which others notice that a worker died. The rest is for what it held to be
    /// tried: suspects one after another, in a third of the time that went before, see ``Backend/claim(_:)``.
    private static let noticed = 2.0 / 3
    var claims = 0
    /// The last claim left room: the queues are empty, and the worker is marked as idle.
    private var sawEmptyQueue = false
    /// The claims under way can't say that the queues are empty and the worker is marked as idle: one asked for less room
    /// than there is, because another had asked for it, or a wake-up came, perhaps after the store had answered them.
    private var isOutdated = false
    var hasAskedForCancellations = false
    private var nextDue: Timestamp?
    var waiting: (task: Task<Void, Never>, due: Timestamp?)?
    /// Calls of ``run()`` that have no answer yet.
    var registering: Task<Void, any Error>?
    var claiming: Task<Void, Never>?
    /// Ends what a worker that is told to stop still waits for.
    var drainLimit: Task<Void, any Error>?
    var waiters: [Waiter] = []
    private var warnedTypes: Set<String> = []

    init(
        backend: any Backend, registry: Registry, queue: String, options: WorkerOptions, codec: PayloadCodec,
        logger: Logger, runtime: WorkerRuntime
    ) {
        self.backend = backend
        self.registry = registry
        self.queue = queue
        self.options = options
        self.codec = codec
        self.runtime = runtime
        let id = WorkerLoop.newID(runtime)
        var logger = logger
        logger[metadataKey: "worker"] = "\(options.name)"
        self.logger = logger
        registration = WorkerRegistration(
            id: id, name: options.name, queue: queue, workflowTypes: registry.workflows.keys.map(\.text).sorted(),
            activityNames: registry.activities.keys.map(\.text).sorted(), buildID: options.buildID,
            lease: options.lease * WorkerLoop.noticed
        )
        runner = ActivityRunner(registry: registry, codec: codec, logger: logger, runtime: runtime)
        cache = RunCache(capacity: options.maxCachedRuns)
        let turnSlots = registry.workflows.isEmpty ? 0 : options.maxConcurrentTurns
        turns = Slots(count: turnSlots)
        activities = Slots(count: registry.activities.isEmpty ? 0 : options.maxConcurrentActivities)
        recoveryBackoff = Backoff(runtime)
        threads = TurnThreads(count: runtime.hasThreads ? min(turnSlots, 4) : 0, limit: turnSlots)
    }

    /// 16 random letters and digits.
    private static func newID(_ runtime: WorkerRuntime) -> String {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        var random = runtime
        return String((0..<16).map { _ in alphabet.randomElement(using: &random)! })
    }

    func run() async throws {
        let registering = Task { try await register() }
        self.registering = registering
        try await registering.value
        logger.info("worker started", metadata: ["queue": "\(queue)"])
        let renewals = Task { await renewLeases() }
        let listening = activities.count > 0 ? Task { await listenForCancellations() } : nil
        // Before there is something to claim: what is told to nobody is lost.
        if listening != nil { await wait { self.hasAskedForCancellations || self.isDraining } }
        while !isDraining {
            if !mayClaim {
                await wait { self.mayClaim || self.isDraining }
            } else if sawEmptyQueue && !mustClaimAgain {
                waitForWork()
            } else {
                claim()
            }
        }
        await finish()
        renewals.cancel()
        listening?.cancel()
        deadlines?.task.cancel()
        await unregister()
        drainLimit?.cancel()
        if inProgress == 0 {
            for engine in cache.removeAll() { await threads.run(engine) { engine.evict() } }
        }
        logger.info("worker stopped")
    }

    private var mayClaim: Bool {
        // What is being recorded brings a claim along.
        recovery == nil && claiming == nil && waiting == nil && recordings == 0
            && (turns.free > 0 || activities.free > 0)
    }

    /// Once no claim is under way, one more asks for all the room there is.
    private var mustClaimAgain: Bool { isOutdated && claimsUnderWay.isEmpty }

    /// A slot became free.
    ///
    /// - Parameter isFilled: whether a claim in the same call has asked for it. If not, the store may still think that there
    ///   is no room: one more must ask.
    func slotFreed(isFilled: Bool) {
        if !isFilled {
            isOutdated = true
            if mustClaimAgain { waiting?.task.cancel() }
        }
        signalChange()
    }

    // MARK: Claiming

    /// A request for the room there is now, which is reserved until ``take(_:for:)`` or ``giveUp(_:)``; `nil` if there is
    /// none and there has to be.
    func claimRequest(needsRoom: Bool = true) -> ClaimRequest? {
        guard !isDraining, recovery == nil, !needsRoom || turns.free > 0 || activities.free > 0 else { return nil }
        claims += 1
        isOutdated = !claimsUnderWay.isEmpty
        let id = "\(registration.id):\(claims)"
        claimsUnderWay[id] = [:]
        // The turns that are recorded beside this claim get what they schedule at once, if there is room.
        return ClaimRequest(
            id: id, worker: registration.id, workflowSlots: turns.reserve(),
            activitySlots: activities.reserve(half: true))
    }

    func take(_ work: ClaimedWork, for request: ClaimRequest) {
        let lostEarly = claimsUnderWay[request.id] ?? [:]
        giveUp(request)
        guard !isDraining else { return handBack(work) }
        advance(work.workflowTasks)
        perform(work.activityTasks, now: work.now, lostEarly: lostEarly)
        for parked in work.parked where warnedTypes.insert(parked.type).inserted {
            logger.warning(
                """
                \(parked.isActivity ? "activity" : "workflow") \(parked.type) is not registered with this worker; its \
                tasks in this queue wait for a worker that has it
                """, metadata: ["run": "\(parked.run)"])
        }
        // Of each kind there was less than was asked for, or there is no room for more.
        sawEmptyQueue =
            (work.workflowTasks.count < request.workflowSlots || turns.free == 0)
            && (work.activityTasks.count < request.activitySlots || activities.free == 0)
        if !work.workflowTasks.isEmpty || !work.activityTasks.isEmpty { recoveryBackoff = Backoff(runtime) }
        nextDue = work.nextDue
        heard = (work.now, runtime.now())
        if work.isRenewal { renewed = runtime.now() }
        if let due = nextDue, let waiting, due < waiting.due ?? Timestamp(.distantFuture) { waiting.task.cancel() }
        signalChange()
    }

    /// What the store's clock shows, or showed a moment ago; `nil` if that isn't known yet.
    var storeTime: Timestamp? {
        heard.map { heard in
            // Never ahead of it.
            let elapsed = Int64((runtime.now() - heard.at) / .milliseconds(1))
            return Timestamp(milliseconds: heard.time.milliseconds + elapsed)
        }
    }

    func giveUp(_ request: ClaimRequest) {
        claimsUnderWay[request.id] = nil
        turns.reserved -= request.workflowSlots
        activities.reserved -= request.activitySlots
        if mustClaimAgain { waiting?.task.cancel() }
        signalChange()
    }

    /// Begins to claim into all the room there is.
    private func claim() {
        guard let request = claimRequest() else { return }
        claiming = Task {
            await carryOut(request)
            claiming = nil
            signalChange()
        }
    }

    func carryOut(_ request: ClaimRequest) async {
        do throws(BackendError) {
            take(try await backend.claim(request), for: request)
        } catch {
            giveUp(request)
            beginRecovery(from: error)
        }
    }

    /// Begins to wait. It ends early if something is due before: a commit beside the wait may have started an earlier timer.
    private func waitForWork() {
        let due = nextDue
        let task = Task {
            do throws(BackendError) {
                try await backend.waitForWork(worker: registration.id, until: due)
                recoveryBackoff = Backoff(runtime)
                await claimAfterWait()
            } catch {
                if error.code != .cancelled {
                    beginRecovery(from: error)
                    mustLook()
                }
                waiting = nil
            }
            signalChange()
        }
        waiting = (task, due)
    }

    /// Claims what has woken this worker: in the task that waited, since the start of another one takes time.
    private func claimAfterWait() async {
        mustLook()
        claiming = waiting?.task
        waiting = nil
        // One that was cancelled at the last moment can't send anything.
        if !Task.isCancelled, recordings == 0, let request = claimRequest() { await carryOut(request) }
        claiming = nil
    }

    /// There may be work.
    private func mustLook() {
        sawEmptyQueue = false
        isOutdated = !claimsUnderWay.isEmpty
    }
}

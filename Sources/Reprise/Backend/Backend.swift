/// Where runs, timers and queues live.
///
/// Every call is one atomic transition. Every call except ``claim(_:)`` may be sent again after a lost reply: the second
/// one gets the same answer and has no second effect. Time is the backend's clock, never the caller's.
///
/// All methods throw ``BackendError`` with the code `unavailable`, `misconfigured`, `corrupt`, `cancelled`, or one that the
/// method names.
public protocol Backend: Sendable {
    // MARK: Clients

    /// Starts a run of a workflow id, or accepts a delayed start.
    ///
    /// The run is `queued`, or `delayed` until `startAt`. The same request id for the same workflow id answers the run
    /// that it started, even if that is closed by now.
    /// - Returns: the run.
    /// - Throws: `alreadyRunning` if another start's run of the id is open, `outOfMemory`.
    func start(_ request: StartRequest) async throws(BackendError) -> RunID

    /// Records a signal in a run's history and queues the run if it is idle. Durable before it returns. Signals for one
    /// run are recorded in the order in which the calls took effect.
    ///
    /// - Parameters:
    ///   - signal: its id marks repeats; the backend may record a repeat again, and the engine drops it.
    ///   - workflowID: the run that is newest is signalled.
    ///   - runNumber: signals this run only.
    /// - Returns: the run that was signalled.
    /// - Throws: `runNotFound`, `runClosed`, `outOfMemory`.
    func signal(_ signal: SignalRecord, workflowID: String, runNumber: Int?) async throws(BackendError) -> RunID

    /// Tells where a run is: the newest run of the workflow id, or the one with the number.
    ///
    /// - Throws: `runNotFound`.
    func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription

    /// Reads a part of a run's history, in order, beginning after entry `number` (0 for the whole).
    ///
    /// - Returns: up to `limit` entries; fewer, but at least one, if they are large; none at the end of the history.
    /// - Throws: `runNotFound`.
    func history(of run: RunID, after number: Int, limit: Int) async throws(BackendError) -> [HistoryEntry]

    /// Waits until a run is closed, or until it differs from a description. It is pushed, not polled, and reads again
    /// after each reconnection, so that nothing is missed. It waits without a limit: cancel the task to give up.
    ///
    /// - Returns: the description that ended the wait, at once if the condition holds already.
    /// - Throws: `runNotFound`, `cancelled`.
    func wait(for run: RunID, until condition: RunCondition) async throws(BackendError) -> RunDescription

    /// Makes a blocked run go on: its failure and death counts are cleared, and those of its blocked activities, and they
    /// are queued again. A no-op if the run isn't blocked.
    ///
    /// - Throws: `runNotFound`.
    func unblock(_ run: RunID) async throws(BackendError)

    // MARK: Workers

    /// Registers a worker, or renews its registration, for one lease duration; moves parked tasks of the types that it
    /// knows back to its queue; and unblocks runs of the types that it knows in its queue, if its build is named and isn't
    /// the one that they were blocked by.
    func register(_ worker: WorkerRegistration) async throws(BackendError)

    /// Removes a worker: its claims are handed back at once, without counting a death. A no-op if it isn't registered.
    func unregister(worker: String) async throws(BackendError)

    /// Takes work from the worker's queue, as much as it has room for. Before that it records due timers, hands over
    /// expired leases, and removes closed runs whose retention is over: a bounded number of each.
    ///
    /// A task of a type that the worker isn't registered for is parked until a worker registers that type. A task whose
    /// holder's lease expired is handed over; if the holder's registration expired too, that counts as a death, and after
    /// ``deathLimit`` of them in a row the task is blocked. A blocked activity blocks its run when the run would next be
    /// idle or queued. Arrivals of a blocked run are recorded and don't queue it.
    ///
    /// Not repeatable: after a lost reply call ``recover(worker:keeping:)``.
    /// - Throws: `workerNotRegistered`.
    func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork

    /// Records a turn: checks the claim, appends the turn, applies its effects, ends the claim, and leaves the run
    /// `queued` if arrivals came after `through`, `idle` if not, or closed. Closing cancels what is open.
    ///
    /// With a claim request, work is taken in the same round trip. If the reply is lost, send the commit again without
    /// the request, after ``recover(worker:keeping:)``.
    /// - Returns: the answer, and the claimed work if it was asked for.
    func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?)

    /// Records how an attempt ended: the arrival if the operation is open under this claim, or the next attempt.
    ///
    /// The claim request is as for ``commit(_:claiming:)``.
    func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?)

    /// Gives a run back.
    func release(_ release: WorkflowRelease) async throws(BackendError) -> ReleaseAnswer

    /// Gives an activity back to the front of its queue, as if it had not been handed out (its deliveries still count).
    func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer

    /// Renews a worker's registration and the leases of all that it holds, in one call.
    ///
    /// - Returns: the nonces that it no longer holds, in the order given: cancel their work.
    /// - Throws: `workerNotRegistered` if the registration lapsed; the leases are then handed over, too.
    func renew(
        worker: String, workflows: [WorkflowClaim], activities: [ActivityClaim]
    ) async throws(BackendError) -> [String]

    /// Hands back all that the backend thinks the worker holds and the worker doesn't know of, because a reply was lost.
    /// It counts no death.
    ///
    /// - Parameter nonces: what the worker does know of.
    func recover(worker: String, keeping nonces: [String]) async throws(BackendError)

    /// Waits until there may be work for a worker: a task came in for an idle worker, `due` has come, or five seconds
    /// passed. Call it after an empty claim, which marks the worker as idle; then claim again. It returns at once if
    /// something came in between the two.
    func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError)
}

extension Backend {
    /// After how many deaths in a row of the workers that held it a task is blocked.
    public static var deathLimit: Int { 3 }
}

/// What ``Backend/wait(for:until:)`` waits for.
public enum RunCondition: Hashable, Sendable {
    /// The run is closed.
    case closed
    /// The run is closed, or its description differs from this one.
    case changed(from: RunDescription)
}

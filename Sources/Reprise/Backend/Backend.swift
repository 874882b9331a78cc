/// Where runs, timers and queues live.
///
/// Every call is one atomic transition. Every call except ``claim(_:)`` may be sent again after a lost reply: the second
/// one gets the same answer and has no second effect. Time is the backend's clock, never the caller's.
///
/// A lease **lapses** when it is handed over: by a claim, after its time. Until then the worker still holds the task, even
/// if the time is over. A claim is **over** when its commit, completion or release was done, or its lease lapsed or was
/// taken back.
///
/// A run that stops being leased, delayed, blocked or paused is put where it belongs: it is `blocked` if one of its
/// activities is, else `paused` if it was paused and not resumed, else `queued` if an arrival came after `through`, else
/// `idle`.
///
/// What one run does to another (the start of a child, its end, a cancellation) is a **message**. It is written in the
/// transition that sends it, and delivered by a later claim of any worker, at least once; delivering it again changes
/// nothing.
///
/// A store that has no memory left refuses ``start(_:)`` and ``signal(_:workflowID:runNumber:)`` with `outOfMemory`, whole.
/// Everything else goes on: what advances and ends existing work is what makes room.
///
/// Ids and names are told apart by their bytes. Reasons that are too long are cut, see ``LengthLimits``.
///
/// All methods throw ``BackendError`` with the code `unavailable`, `misconfigured`, `corrupt`, `cancelled`, or one that the
/// method names.
public protocol Backend: Sendable {
    // MARK: Clients

    /// Starts a run of a workflow id, or accepts a delayed start.
    ///
    /// The run is `queued`, or `delayed` until `startAt`. The same request id for the same workflow id answers the run
    /// that it started as long as that is kept, even if it is closed by now and the id was started again.
    /// - Returns: the run.
    /// - Throws: `alreadyRunning` if another start's run of the id is open, `outOfMemory`, `invalidRequest` if a name is empty
    ///   or too long, see ``LengthLimits``.
    func start(_ request: StartRequest) async throws(BackendError) -> RunID

    /// Records a signal in a run's history and queues the run if it is idle; a run in another state is not moved, so a
    /// signal can come before `started`. Durable before it returns. Signals for one run are recorded in the order in which
    /// the calls took effect.
    ///
    /// A run that continued as new hands the signal on to its successor, also if the run number names it.
    ///
    /// A repeat that comes when the run has ended throws `runClosed`, although the first was recorded.
    ///
    /// - Parameters:
    ///   - signal: its id marks repeats; the backend may record a repeat again, and the engine drops it.
    ///   - workflowID: the run that is newest is signalled.
    ///   - runNumber: signals this run only.
    /// - Returns: the run that was signalled.
    /// - Throws: `runNotFound`, `runClosed`, `outOfMemory`, `invalidRequest` if its name or id is empty or too long.
    func signal(_ signal: SignalRecord, workflowID: String, runNumber: Int?) async throws(BackendError) -> RunID

    /// Tells where a run is: the newest run of the workflow id, or the one with the number.
    ///
    /// - Throws: `runNotFound`.
    func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription

    /// Reads a part of a run's history, in order, beginning after entry `number` (0 for the whole).
    ///
    /// - Returns: up to `limit` entries; fewer, but at least one, if they are large or very many; none at the end.
    /// - Throws: `runNotFound`.
    func history(of run: RunID, after number: Int, limit: Int) async throws(BackendError) -> [HistoryEntry]

    /// Waits until a run is closed, or until it differs from a description. It is pushed, not polled, and reads again
    /// after each reconnection, so that nothing is missed. It waits without a limit: cancel the task to give up.
    ///
    /// - Returns: the description that ended the wait, at once if the condition holds already.
    /// - Throws: `runNotFound`, `cancelled`.
    func wait(for run: RunID, until condition: RunCondition) async throws(BackendError) -> RunDescription

    /// Asks a run to end: records `cancelRequested` and queues the run if it is idle. A delayed start is closed at once, as
    /// `cancelled`. A no-op if it was asked before, also if it has ended since; the first reason stands. A run that
    /// continued as new hands the request on, as for ``signal(_:workflowID:runNumber:)``.
    ///
    /// - Returns: the run that was asked.
    /// - Throws: `runNotFound`, `runClosed`.
    func requestCancel(workflowID: String, runNumber: Int?, reason: String) async throws(BackendError) -> RunID

    /// Ends a run at once, in whatever state it is: records `terminated` and closes it, as a closing commit does. The turn
    /// that a worker is taking is fenced. A no-op if it was terminated before; the first reason stands. A run that continued
    /// as new hands this on, too.
    ///
    /// - Returns: the run that was ended.
    /// - Throws: `runNotFound`, `runClosed`.
    func terminate(workflowID: String, runNumber: Int?, reason: String) async throws(BackendError) -> RunID

    /// Pauses a run: no turn is taken until it is resumed. One in progress is still committed. Arrivals are recorded, timers
    /// fire, activities and children go on. A delayed start becomes due, and then waits. A no-op if it is paused.
    ///
    /// - Throws: `runNotFound`, `runClosed`.
    func pause(_ run: RunID) async throws(BackendError)

    /// Resumes a paused run: puts it where it belongs. A no-op if it isn't paused.
    ///
    /// - Throws: `runNotFound`, `runClosed`.
    func resume(_ run: RunID) async throws(BackendError)

    /// Lists the runs that are blocked, those first that have been for longest.
    ///
    /// Those of one millisecond are ordered by the bytes of ``RunID/description``. To read on, give the last one of a page, as it
    /// was listed. A run that is unblocked meanwhile is left out.
    /// - Parameters:
    ///   - last: lists those that come after it, also if it isn't blocked any more; `nil` begins with the first.
    ///   - limit: how many at most, 1 to 256.
    func blockedRuns(after last: RunDescription?, limit: Int) async throws(BackendError) -> [RunDescription]

    /// Makes a blocked run go on: its reason, its failure and death counts and the death counts of its blocked activities
    /// are cleared, those activities are queued again, and the run is put where it belongs. A no-op if the run isn't
    /// blocked.
    ///
    /// - Throws: `runNotFound`.
    func unblock(_ run: RunID) async throws(BackendError)

    // MARK: Workers

    /// Registers a worker, or renews its registration, for one lease duration; moves parked tasks of the types that it
    /// knows back to the front of its queue, in order; and unblocks runs of the workflow types that it knows in its queue,
    /// if its build is named and isn't among those that they were blocked by since they last committed or were unblocked by
    /// hand: the builds of the workers that released the run to be blocked, or of the last that died. So each build of a
    /// fleet tries once. The last 16 are remembered.
    ///
    /// - Throws: `invalidRequest` if a name is too long or there are too many types, see ``LengthLimits``.
    func register(_ worker: WorkerRegistration) async throws(BackendError)

    /// Removes a worker: its claims are handed back at once, to the front of their queues, without counting a death. A
    /// no-op if it isn't registered and holds nothing.
    func unregister(worker: String) async throws(BackendError)

    /// Takes work from the worker's queue, as much as it has room for. Before that it delivers messages, records due
    /// timers, hands over expired leases, and removes closed runs whose ``Retention`` is over: a bounded number of each. If
    /// messages, such runs or parts of what a closed run left behind remain, ``ClaimedWork/nextDue`` is now.
    ///
    /// Messages are delivered in the order in which they were sent: a child that is cancelled in the turn that starts it is
    /// started, and asked to end. They reach a child by its parent's operation, so never another run of its workflow id. The
    /// message that starts a child does what ``start(_:)`` does, and links the two runs. If the workflow id has an open
    /// run, the parent gets `childFailed` with ``FailureRecord/alreadyRunning``. When a child closes, its parent gets
    /// `childCompleted` or `childFailed`, unless it continued as new: then its successor is the parent's child. If the
    /// parent has closed, or cancelled the operation, nobody hears of it.
    ///
    /// A task of a type that the worker isn't registered for is parked. It comes back to the front of the queue when a
    /// worker that knows the type registers **or claims**: it may have been registered all along, as in a rolling deploy.
    /// So a claim that parks a task wakes an idle worker that knows the type.
    ///
    /// A task whose holder's lease expired is handed over, to the front of its queue; if the holder's registration expired
    /// too, that may count as a death, and after ``deathLimit`` of them in a row the task is blocked. An activity's claim ends
    /// when its lease does or at its deadline; the earlier one decides, even if both are over when they are looked at.
    ///
    /// An attempt that reached its deadline counts as failed with ``ActivityTimeout/startToClose`` or
    /// ``ActivityTimeout/heartbeat``, and the retry policy decides, as of any failure of this type: if its worker registered or
    /// renewed since. Until then nobody knows whether the worker was too slow or dead, so the claim goes on until it does, or
    /// its registration expires, which is a death as any. A worker renews at once when one of its attempts passes a deadline,
    /// and then claims. A queued activity fails for good with ``ActivityTimeout/scheduleToStart``, which counts from each time that it is queued, and any with
    /// ``ActivityTimeout/scheduleToClose``: also one whose next attempt would come at or after that. The failure of the
    /// attempt before, if there was one, is the cause of both. Schedule-to-close doesn't ask for the worker. Of two deadlines that are the same, schedule-to-close is
    /// named. A blocked activity doesn't time out; unblocked, it is under the same schedule-to-close deadline.
    ///
    /// A task with deaths is a suspect: it may be what kills workers, and is not to take others with it. Where it runs and
    /// what a death counts for go by these rules:
    /// - A worker takes one suspect and leaves further ones to others, until that one is over or has been held for its share
    ///   of a third of a lease, which is divided among the suspects that wait: 20 ms at least. One that the next death blocks
    ///   has a whole lease. Suspects that were left are taken first, by workers that may take one;
    ///   ``ClaimedWork/nextDue`` says when this one may.
    /// - A suspect is on trial until its worker renews its leases, or takes another suspect, a lease after the claim or later.
    ///   A death counts for the tasks that were on trial with the worker; for one alone that this death blocks and that was
    ///   taken last; if none was on trial, for all that it held, since nobody knows.
    ///
    /// So what kills a worker within a lease takes down ``deathLimit`` workers, since each of these deaths counts for it.
    /// Nobody can tell what kills later from what was there by chance: an attempt that is cut off by the deaths of
    /// ``deathLimit`` workers is blocked, however long it had run.
    ///
    /// A blocked activity blocks its run at once if the run is idle, queued or paused, else when it would next be one of
    /// these. Arrivals of a blocked, delayed or paused run are recorded and don't queue it.
    ///
    /// If the worker holds nothing, and its registration was last renewed a quarter of a lease ago or more, the claim renews it
    /// and says so. Not repeatable: after a lost reply call ``recover(worker:keeping:)``.
    /// - Throws: `workerNotRegistered`.
    func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork

    /// Records a turn: checks the claim, appends the turn, applies its effects, ends the claim, and leaves the run
    /// where it belongs, or closed. Closing cancels what is open, and treats open children by their
    /// ``ParentClosePolicy``, in the same transition: from then on nothing that was open has an effect on the run. If very
    /// much was open, claims clear it away afterwards, a bounded part each. Only then workers lose their claims on it and
    /// are told, and children hear of it.
    ///
    /// Closing as `continuedAsNew` starts the next run in the same transition: same workflow id, type, queue and parent, and
    /// paused if this one is. Its history is `started`, then the signals that the commit hands on, then the signals and the
    /// `cancelRequested` that came after `through`: nothing else is for it.
    ///
    /// A claim that isn't held any more answers `committed` if the last commit of the run was made under its nonce, so the
    /// same commit again does, and `fenced` if not, also for a run that doesn't exist.
    ///
    /// With a claim request, work is taken in the same round trip, whatever the answer is. If the reply is lost, send the
    /// commit again without the request, after ``recover(worker:keeping:)``.
    /// - Returns: the answer, and the claimed work if it was asked for; no work if the worker isn't registered.
    /// - Throws: `invalidRequest` if the commit can't be meant: it has stepped less than before or more than there is, it
    ///   names bytes that aren't in the turn, a name in it is empty or too long, it closes with a
    ///   state that isn't closed or without a turn, it continues as new without a ``StartRecord``. Nothing is written.
    func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?)

    /// Records how an attempt ended: the arrival if the operation is open under this claim, or the next attempt.
    ///
    /// If the operation or its run is gone, the answer is `resolved`. If this was the operation's last claim, and the next
    /// attempt is due later, the answer is `retrying` whatever the result is: it is the same completion again, or one that
    /// comes after the attempt had timed out. In all other cases in which the claim isn't held it is `superseded`.
    ///
    /// The claim request is as for ``commit(_:claiming:)``.
    func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?)

    /// Records results together with the turn that their worker took with them; or nothing, unless all is as the worker foresaw:
    /// the run is idle where ``ForeseenTurn/lastCommit`` left it, the attempts are held under their claims, the turn has stepped one
    /// entry for each after the history's last, and their time lies between that entry's and now.
    ///
    /// The same turn again is not recorded, and what became of it isn't told: send its completions, each alone.
    ///
    /// The claim request is as for ``commit(_:claiming:)``.
    /// - Returns: whether it is recorded. A backend may always say no.
    /// - Throws: `invalidRequest` if it can't be meant. Nothing is written.
    func commit(
        _ turn: ForeseenTurn, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (isRecorded: Bool, work: ClaimedWork?)

    /// Records what a worker has done: for each turn, foreseen turn and attempt, in this order, what
    /// ``commit(_:claiming:)-(Commit,_)``, ``commit(_:claiming:)-(ForeseenTurn,_)`` and ``complete(_:claiming:)`` do, as if it came
    /// alone; then it takes work, whatever the answers are.
    ///
    /// By default it makes a call for each.
    func record(_ report: WorkerReport, claiming request: ClaimRequest?) async -> WorkerReceipt

    /// Records a heartbeat of an attempt: its time and, if given, its details, which come with every later delivery. It
    /// renews the claim's lease, too. The attempt may be one that goes on elsewhere.
    ///
    /// - Parameter details: encoded; `nil` leaves the last ones.
    func heartbeat(_ claim: ActivityClaim, details: [UInt8]?) async throws(BackendError) -> HeartbeatAnswer

    /// Word of attempts that a worker runs and that are not wanted any more, in milliseconds. It is best effort: what is
    /// lost is told by the next ``renew(worker:workflows:activities:)``. Nothing is told of an attempt that goes on
    /// elsewhere.
    ///
    /// - Returns: a stream of what happens from now on. It ends when the backend is shut down.
    func cancellations(of worker: String) async throws(BackendError) -> AsyncStream<ActivityCancellation>

    /// Gives a run back.
    func release(_ release: WorkflowRelease) async throws(BackendError) -> ReleaseAnswer

    /// Gives an activity back to the front of its queue, as if it had not been handed out (its deliveries still count).
    func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer

    /// Renews a worker's registration and the leases of all that it holds, in one call. A lease that is over and has not
    /// lapsed is renewed, too.
    ///
    /// - Returns: the nonces that it no longer holds, in the order given: cancel their work.
    /// - Throws: `workerNotRegistered` if the registration expired. Nothing is renewed; the leases run out.
    func renew(
        worker: String, workflows: [WorkflowClaim], activities: [ActivityClaim]
    ) async throws(BackendError) -> [String]

    /// Hands back, to the front of their queues, all that the backend thinks the worker holds and the worker doesn't know
    /// of, because a reply was lost. It counts no death. A no-op for an unknown worker.
    ///
    /// - Parameter nonces: what the worker does know of.
    func recover(worker: String, keeping nonces: [String]) async throws(BackendError)

    /// Waits until there may be work for a worker: a task came in for an idle worker, `due` has come, or five to six seconds
    /// passed. Call it after a claim that left room, which marks the worker as idle; then claim again. It returns at once
    /// if something came in between the two, or if the worker isn't registered.
    ///
    /// Commits and completions of the same worker may go on beside it. If one of their claims answers an earlier
    /// ``ClaimedWork/nextDue``, cancel the wait and call again: it costs the store nothing.
    func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError)

    // MARK: Settings

    /// Looks at the store's settings, before a worker relies on it.
    ///
    /// - Returns: what is unsafe, risky or good to know, the worst first; none by default.
    func preflight() async throws(BackendError) -> [PreflightFinding]
}

/// What ``Backend/wait(for:until:)`` waits for.
public enum RunCondition: Hashable, Sendable {
    /// The run is closed.
    case closed
    /// The run is closed, or its description differs from this one.
    case changed(from: RunDescription)
}

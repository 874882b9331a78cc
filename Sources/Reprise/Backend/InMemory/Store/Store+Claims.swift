import OrderedCollections

extension Store {
    mutating func claim(_ request: ClaimRequest, now: Timestamp) throws(BackendError) -> ClaimedWork {
        let worker = try registered(request.worker, now: now)
        workers[request.worker]!.isIdle = false
        workers[request.worker]!.hasToken = false
        removeLapsedRegistrations(now: now)
        deliver(limit: Limits.messagesPerClaim, at: now)
        recordDue(at: now, limit: Limits.duePerClaim)
        let mustRemoveMore = removeClosedRuns(at: now, limit: Limits.removalsPerClaim)
        unpark(for: worker)

        var work = ClaimedWork(now: now)
        var bytes = 0
        takeWorkflows(request, as: worker, at: now, into: &work, bytes: &bytes)
        takeActivities(request, as: worker, at: now, into: &work, bytes: &bytes)

        workers[request.worker]!.workflowRoom = request.workflowSlots - work.workflowTasks.count
        workers[request.worker]!.activityRoom = request.activitySlots - work.activityTasks.count
        workers[request.worker]!.isIdle = work.isEmpty
        wakeNext(in: worker.registration.queue)
        work.nextDue = outbox.isEmpty && !mustRemoveMore ? schedule.nextDue() : now
        return work
    }

    private mutating func takeWorkflows(
        _ request: ClaimRequest, as worker: StoredWorker, at now: Timestamp, into work: inout ClaimedWork,
        bytes: inout Int
    ) {
        let queue = worker.registration.queue
        while work.workflowTasks.count < request.workflowSlots, bytes < Limits.claimBytes,
            let item = popNext(.workflow, in: queue, for: request.worker)
        {
            guard worker.knows(item.type, of: .workflow) else {
                queues[queue]!.workflows.park(item)
                work.parked.append(ParkedTask(run: runs[item.run]!.id, type: item.type, isActivity: false))
                continue
            }
            if isSuspect(deaths: runs[item.run]!.deaths), holdsSuspect(request.worker) {
                queues[queue]!.workflows.setAside(item)
                continue
            }
            queues[queue]!.workflows.remove(item.ticket)
            let nonce = "\(request.id).\(work.workflowTasks.count)"
            let lease = lease(worker, deadline: nil, at: now, .workflowLease(run: item.run))
            runs[item.run]!.epoch += 1
            runs[item.run]!.nonce = nonce
            runs[item.run]!.place = .leased(lease)
            held[request.worker, default: [:]][nonce] = .workflow(run: item.run)
            changed.insert(item.run)
            let task = runs[item.run]!.task(for: request.worker)
            bytes += task.history.reduce(0) { $0 + $1.payload.count }
            work.workflowTasks.append(task)
        }
    }

    private mutating func takeActivities(
        _ request: ClaimRequest, as worker: StoredWorker, at now: Timestamp, into work: inout ClaimedWork,
        bytes: inout Int
    ) {
        let queue = worker.registration.queue
        while work.activityTasks.count < request.activitySlots, bytes < Limits.claimBytes,
            let item = popNext(.activity, in: queue, for: request.worker)
        {
            // Not the run: a copy that is alive would have its operations copied when one of them changes.
            let (runID, workflowType) = (runs[item.run]!.id, runs[item.run]!.type)
            guard worker.knows(item.type, of: .activity) else {
                queues[queue]!.activities.park(item)
                work.parked.append(ParkedTask(run: runID, type: item.type, isActivity: true))
                continue
            }
            let deaths = runs[item.run]!.operations[item.operation]?.activity?.deaths ?? 0
            if isSuspect(deaths: deaths), holdsSuspect(request.worker) {
                queues[queue]!.activities.setAside(item)
                continue
            }
            queues[queue]!.activities.remove(item.ticket)
            guard let open = runs[item.run]!.operations[item.operation], var activity = open.activity else { continue }
            if case .queued(_, let timeout?) = open.source { schedule.remove(timeout.ticket) }
            activity.nonce = "\(request.id).\(work.workflowTasks.count + work.activityTasks.count)"
            activity.deliveries += 1
            let deadline = activity.attemptDeadline(at: now)
            let due = DueSchedule.Item.activityLease(run: item.run, operation: item.operation)
            let lease = lease(worker, deadline: deadline, at: now, due)
            runs[item.run]!.operations[item.operation] = StoredOperation(source: .leased(lease), activity: activity)
            held[request.worker, default: [:]][activity.nonce] = .activity(run: item.run, operation: item.operation)
            bytes += activity.input.count
            work.activityTasks.append(
                ActivityTask(
                    claim: ActivityClaim(run: runID, operation: item.operation, nonce: activity.nonce),
                    name: activity.name, workflowType: workflowType, queue: queue, attempt: activity.failedAttempts + 1,
                    deliveries: activity.deliveries, deaths: activity.deaths, deadline: deadline.end,
                    heartbeat: activity.timeouts.heartbeat, heartbeatDetails: activity.heartbeatDetails,
                    input: activity.input))
        }
    }

    /// Suspects come first, if the worker may have one.
    private mutating func popNext(_ kind: TaskKind, in queue: String, for worker: String) -> ReadyList.Item? {
        guard let hasSuspects = queues[queue]?[kind].hasSuspects else { return nil }
        if hasSuspects, !holdsSuspect(worker) { return queues[queue]![kind].popSuspect() }
        return queues[queue]![kind].popFirst()
    }

    /// Whether the next death blocks a task. One of these may kill workers, and is not to take others with it: a worker
    /// holds one at a time.
    private func isSuspect(deaths: Int) -> Bool { deaths > 0 && deaths >= deathLimit - 1 }

    /// Whether a worker holds a suspect.
    func holdsSuspect(_ worker: String) -> Bool {
        guard let held = held[worker] else { return false }
        return held.values.contains { task in
            switch task {
            case .workflow(let run): isSuspect(deaths: runs[run]?.deaths ?? 0)
            case .activity(let run, let operation):
                isSuspect(deaths: runs[run]?.operations[operation]?.activity?.deaths ?? 0)
            }
        }
    }

    private mutating func lease(
        _ worker: StoredWorker, deadline: AttemptDeadline?, at now: Timestamp, _ item: DueSchedule.Item
    ) -> Lease {
        let lease = Lease(
            worker: worker.registration.id, workerName: worker.registration.name, build: worker.registration.buildID,
            expires: now.advanced(by: worker.registration.lease), deadline: deadline, ticket: ticket())
        schedule.insert(item, due: lease.due, ticket: lease.ticket)
        return lease
    }
}

extension StoredRun {
    /// The task for a worker that has just claimed the run.
    func task(for worker: String) -> WorkflowTask {
        let start = lastCommitWorker == worker ? through : 0
        let page = entries(after: start, limit: Limits.pageEntries)
        return WorkflowTask(
            claim: WorkflowClaim(run: id, epoch: epoch, nonce: nonce), type: type, queue: queue, through: through,
            lastCommit: lastCommit, turnFailures: turnFailures, deaths: deaths, history: Array(page),
            historyStart: start, hasMore: page.endIndex < history.count)
    }
}

import OrderedCollections

extension Store {
    mutating func claim(_ request: ClaimRequest, now: Timestamp) throws(BackendError) -> ClaimedWork {
        let worker = try registered(request.worker, now: now)
        let age = now.milliseconds - worker.heard.milliseconds
        let renews =
            (age >= worker.registration.lease.milliseconds / 4 || age < 0) && held[request.worker]?.isEmpty ?? true
        if renews { renewRegistration(of: worker, now: now) }
        workers[request.worker]!.isIdle = false
        workers[request.worker]!.hasToken = false
        deliver(limit: Limits.messagesPerClaim, at: now)
        recordDue(at: now, limit: Limits.duePerClaim)
        // After the leases, whose ends ask when their holders were last heard of.
        removeLapsedRegistrations(now: now)
        let mustRemoveMore = removeClosedRuns(at: now, limit: Limits.removalsPerClaim)
        unpark(for: worker)
        endShare(of: request.worker, at: now)
        let formerSuspect = trials[request.worker]?.newest?.nonce

        var work = ClaimedWork(now: now, isRenewal: renews)
        var bytes = 0
        takeWorkflows(request, as: worker, at: now, into: &work, bytes: &bytes)
        takeActivities(request, as: worker, at: now, into: &work, bytes: &bytes)

        workers[request.worker]!.workflowRoom = request.workflowSlots - work.workflowTasks.count
        workers[request.worker]!.activityRoom = request.activitySlots - work.activityTasks.count
        workers[request.worker]!.isIdle = work.isEmpty
        if let suspect = trials[request.worker]?.newest?.nonce, suspect != formerSuspect {
            share(by: worker, at: now)
        }
        wakeNext(in: worker.registration.queue)
        let due = [schedule.nextDue(), nextSuspectDue(for: worker)].compactMap(\.self).min()
        work.nextDue = outbox.isEmpty && !mustRemoveMore ? due : now
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
            let deaths = runs[item.run]!.deaths
            guard deaths == 0 || mayTakeSuspect(request.worker) else {
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
            if deaths > 0 { beginTrial(nonce, of: worker, deaths: deaths, at: now) }
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
            guard deaths == 0 || mayTakeSuspect(request.worker) else {
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
            if deaths > 0 { beginTrial(activity.nonce, of: worker, deaths: deaths, at: now) }
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

    /// Suspects that wait come first, if the worker may have one.
    private mutating func popNext(_ kind: TaskKind, in queue: String, for worker: String) -> ReadyList.Item? {
        guard let count = queues[queue]?[kind].suspectCount else { return nil }
        if count > 0, mayTakeSuspect(worker) { return queues[queue]![kind].popSuspect() }
        return queues[queue]![kind].popFirst()
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
        let start = lastCommitWorker == worker ? lastCommitEntry : 0
        let page = entries(after: start, limit: Limits.pageEntries)
        return WorkflowTask(
            claim: WorkflowClaim(run: id, epoch: epoch, nonce: nonce), type: type, queue: queue, through: through,
            lastCommit: lastCommit, turnFailures: turnFailures, deaths: deaths, history: Array(page),
            historyStart: start, hasMore: page.endIndex < history.count)
    }
}

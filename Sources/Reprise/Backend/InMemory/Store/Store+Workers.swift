import OrderedCollections

extension Store {
    mutating func register(_ registration: WorkerRegistration, now: Timestamp) {
        let id = registration.id
        var worker = StoredWorker(registration, now: now)
        let known = workers[id]
        if let known {
            worker.workflowRoom = known.workflowRoom
            worker.activityRoom = known.activityRoom
            worker.isIdle = known.isIdle
            worker.hasToken = known.hasToken
        }
        workers[id] = worker
        trials[id]?.isJudged = false
        unpark(for: worker)
        unblock(for: worker, now: now)
        wakeIfUseful(id)
        // What it was woken for may be of a type that it doesn't know any more.
        if let known, known.registration != registration { wakeNext(in: known.registration.queue) }
    }

    mutating func unregister(_ id: String, now: Timestamp) {
        let worker = workers.removeValue(forKey: id)
        recover(id, keeping: [], now: now)
        if let worker {
            // It may have been woken for work that somebody else has to do now.
            wakeNext(in: worker.registration.queue)
            woken.append(id)
        }
    }

    /// Hands back what a worker holds and doesn't know of.
    mutating func recover(_ id: String, keeping nonces: Set<String>, now: Timestamp) {
        // From the last to the first: each goes to the front of its queue.
        for (nonce, task) in (held[id] ?? [:]).elements.reversed() where !nonces.contains(nonce) {
            handBack(task, now: now)
        }
    }

    /// Renews a registration and leases.
    ///
    /// - Returns: the nonces that are no longer held.
    mutating func renew(
        _ id: String, workflows: [WorkflowClaim], activities: [ActivityClaim], now: Timestamp
    ) throws(BackendError) -> [String] {
        let expires = renewRegistration(of: try registered(id, now: now), now: now)
        var lost: [String] = []
        for claim in workflows {
            if let number = find(claim.run), var lease = runs[number]!.lease(under: claim) {
                extend(&lease, to: expires, .workflowLease(run: number))
                runs[number]!.place = .leased(lease)
            } else {
                lost.append(claim.nonce)
            }
        }
        for claim in activities {
            if let number = find(claim.run), var lease = runs[number]!.lease(under: claim) {
                extend(&lease, to: expires, .activityLease(run: number, operation: claim.operation))
                runs[number]!.operations[claim.operation]!.source = .leased(lease)
            } else {
                lost.append(claim.nonce)
            }
        }
        return lost
    }

    /// Renews a registration alone. What the worker was on trial for until now, it has survived.
    ///
    /// - Returns: when it ends now.
    @discardableResult
    mutating func renewRegistration(of worker: StoredWorker, now: Timestamp) -> Timestamp {
        let (id, expires) = (worker.registration.id, now.advanced(by: worker.registration.lease))
        workers[id]!.expires = expires
        workers[id]!.heard = now
        survive(id, at: now)
        return expires
    }

    /// The worker, if its registration has not lapsed.
    func registered(_ id: String, now: Timestamp) throws(BackendError) -> StoredWorker {
        if let worker = workers[id], worker.expires > now { return worker }
        throw BackendError(.workerNotRegistered, "worker \(id) isn't registered, or its registration expired")
    }

    var workerCount: Int { workers.count }

    /// Puts a held task back to the front of its queue.
    mutating func handBack(_ task: Held, now: Timestamp) {
        switch task {
        case .workflow(let number):
            guard case .leased(let lease) = runs[number]?.place else { return }
            endLease(of: number, lease)
            settle(number, toFront: true, at: now)
        case .activity(let number, let operation):
            guard case .leased(let lease) = runs[number]?.operations[operation]?.source else { return }
            endLease(of: operation, in: number, lease)
            enqueue(operation, of: number, toFront: true, at: now)
        }
    }

    /// Takes parked tasks that a worker knows back to the front of its queue.
    mutating func unpark(for worker: StoredWorker) {
        let queue = worker.registration.queue
        for kind in TaskKind.allCases where queues[queue]?[kind].hasParked == true {
            queues[queue]![kind].unpark { worker.knows($0, of: kind) }
        }
    }

    private mutating func unblock(for worker: StoredWorker, now: Timestamp) {
        let build = worker.registration.buildID
        guard !build.isEmpty else { return }
        for number in blocked {
            guard let run = runs[number] else { continue }
            if !run.triedBuilds.contains(where: { $0.isExactly(build) }), worker.serves(run.queue),
                worker.knows(run.type, of: .workflow)
            {
                unblock(number, now: now)
            }
        }
    }

    mutating func extend(_ lease: inout Lease, to expires: Timestamp, _ item: DueSchedule.Item) {
        schedule.remove(lease.ticket)
        lease.expires = expires
        lease.ticket = ticket()
        schedule.insert(item, due: lease.due, ticket: lease.ticket)
    }
}

extension StoredRun {
    /// The lease of an activity, if it is held under this claim.
    func lease(under claim: ActivityClaim) -> Lease? {
        guard let operation = operations[claim.operation], operation.activity?.nonce == claim.nonce,
            case .leased(let lease) = operation.source
        else { return nil }
        return lease
    }
}

import OrderedCollections

/// Attempts whose deadline passed while a worker holds them. See ``Backend/claim(_:)``.
extension Store {
    /// What the end of an attempt's lease means.
    enum LeaseEnd {
        /// The worker outlived the deadline that passed at this time.
        case timeout(passed: Timestamp, AttemptDeadline)
        /// Nobody renewed it, or the worker died before the deadline.
        case handover
        /// A deadline passed, and nothing was heard of the worker since.
        case unknown(until: Timestamp)
    }

    /// Whether a worker that lives was too slow, or one that died could not be in time.
    func end(of lease: Lease, closeDeadline: Timestamp?, at now: Timestamp) -> LeaseEnd {
        guard let deadline = lease.deadline, deadline.due <= lease.expires else { return .handover }
        let worker = workers[lease.worker]
        if let worker, worker.heard >= deadline.due { return .timeout(passed: deadline.due, deadline) }
        if let closeDeadline, closeDeadline <= now { return .timeout(passed: closeDeadline, deadline) }
        guard let worker, worker.expires > now else { return .handover }
        return .unknown(until: min(worker.expires, closeDeadline ?? worker.expires))
    }

    /// Leaves the lease of an attempt, which has come up, until a time.
    mutating func look(again due: Timestamp, after lease: Lease, _ operation: Int, of number: Int) {
        var lease = lease
        lease.ticket = ticket()
        schedule.insert(.activityLease(run: number, operation: operation), due: due, ticket: lease.ticket)
        runs[number]!.operations[operation]!.source = .leased(lease)
    }
}

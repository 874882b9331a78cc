import OrderedCollections

/// Tasks that workers died with, and whom a death is charged to. See ``Backend/claim(_:)``.
extension Store {
    /// Whether a worker may take a suspect now.
    func mayTakeSuspect(_ worker: String) -> Bool {
        guard let newest = trials[worker]?.newest else { return true }
        return held[worker]?[newest.nonce] == nil
    }

    /// Notes that a worker takes a suspect with a claim.
    mutating func beginTrial(_ nonce: String, of worker: StoredWorker, deaths: Int, at now: Timestamp) {
        let (id, end) = (worker.registration.id, now.advanced(by: worker.registration.lease))
        survive(id, at: now)
        trials[id, default: Trials()].ends[nonce] = end
        trials[id]!.newest = Trials.Suspect(nonce: nonce, until: end, isFinal: deaths >= deathLimit - 1)
    }

    /// Lets a worker take another suspect if it has held the last one for long enough.
    mutating func endShare(of worker: String, at now: Timestamp) {
        if let newest = trials[worker]?.newest, newest.until <= now { trials[worker]!.newest = nil }
    }

    /// Says how long a worker holds the suspect alone that it has just taken: those that wait share a third of a lease. More
    /// of them make the shares smaller, fewer don't make them larger again until all are taken. One that the next death
    /// blocks has a whole lease.
    mutating func share(by worker: StoredWorker, at now: Timestamp) {
        let id = worker.registration.id
        let waiting = queues.values.reduce(0) { $0 + $1.workflows.suspectCount + $1.activities.suspectCount }
        let part = worker.registration.lease.milliseconds / 3 / Int64(waiting + 1)
        var share = Duration.milliseconds(max(part, Limits.shortestShare.milliseconds))
        if waiting > 0, let last = trials[id]!.share { share = min(share, last) }
        trials[id]!.share = share
        if !trials[id]!.newest!.isFinal { trials[id]!.newest!.until = now.advanced(by: share) }
    }

    /// When a worker may take the next suspect, if it holds one and others wait.
    func nextSuspectDue(for worker: StoredWorker) -> Timestamp? {
        let (id, queue) = (worker.registration.id, queues[worker.registration.queue])
        let waiting = (queue?.workflows.suspectCount ?? 0) + (queue?.activities.suspectCount ?? 0)
        guard waiting > 0, let newest = trials[id]?.newest, held[id]?[newest.nonce] != nil else { return nil }
        return newest.until
    }

    /// Ends the trials that a worker has survived: it is heard of after their time.
    mutating func survive(_ worker: String, at now: Timestamp) {
        guard let ends = trials[worker]?.ends else { return }
        trials[worker]!.ends = ends.filter { $0.value > now }
    }

    /// Whether the end of a claim counts as a death: its worker died, and held no other task on trial, or this one, too, and
    /// none that this death blocks, or this is that. Ask before the claim is ended.
    mutating func isCharged(_ nonce: String, of worker: String, at now: Timestamp) -> Bool {
        if let registered = workers[worker], registered.expires > now { return false }
        guard var trials = trials[worker] else { return true }
        if !trials.isJudged {
            trials.isJudged = true
            trials.ends = trials.ends.filter { held[worker]?[$0.key] != nil }
            if let final = trials.newest, final.isFinal, trials.ends[final.nonce] != nil {
                trials.ends = trials.ends.filter { $0.key == final.nonce }
            }
            self.trials[worker] = trials
        }
        return trials.ends.isEmpty || trials.ends[nonce] != nil
    }
}

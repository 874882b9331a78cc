import OrderedCollections

extension Core {
    /// Puts a worker's wait among the others.
    ///
    /// - Returns: success if there is no reason to wait.
    mutating func beginWait(
        of worker: String, until due: Timestamp?, id: Int, _ continuation: Waits.WorkContinuation
    ) -> Result<Void, BackendError>? {
        let now = now()
        guard let known = store.workers[worker], known.expires > now else { return .success(()) }
        if known.hasToken {
            store.workers[worker]!.hasToken = false
            return .success(())
        }
        let next = [due, store.schedule.nextDue()].compactMap(\.self).min()
        if store.canTake(known) || !store.outbox.isEmpty || next.map({ $0 <= now }) ?? false { return .success(()) }
        store.workers[worker]!.isIdle = true
        var end = due
        if !isVirtual {
            let bound = now.advanced(by: Limits.wait)
            end = min(end ?? bound, bound)
        }
        waits.add(Waits.WorkWait(worker: worker, end: end, continuation: continuation), id: id)
        return nil
    }
}

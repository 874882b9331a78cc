import DequeModule
import OrderedCollections

extension Store {
    /// Removes closed runs that are not kept any longer, those that closed first before the others.
    ///
    /// - Returns: whether there are more.
    mutating func removeClosedRuns(at now: Timestamp, limit: Int) -> Bool {
        for _ in 0..<limit {
            guard let number = closed.first, let run = runs[number], isOver(run, at: now) else { return false }
            closed.removeFirst()
            closedBytes -= run.retainedBytes
            runs[number] = nil
            if let request = run.requestID {
                requests[RequestKey(workflowID: run.id.workflowID, requestID: request)] = nil
            }
            if newestByID[run.id.workflowID] == number { newestByID[run.id.workflowID] = nil }
        }
        return closed.first.flatMap { runs[$0] }.map { isOver($0, at: now) } ?? false
    }

    /// Whether the run that closed first is not to be kept.
    private func isOver(_ run: StoredRun, at now: Timestamp) -> Bool {
        guard let closedAt = run.closedAt else { return false }
        if let age = retention.age, closedAt.advanced(by: age) <= now { return true }
        if let count = retention.count, closed.count > count { return true }
        if let bytes = retention.bytes, closedBytes > bytes { return true }
        return false
    }

    /// Forgets workers that lapsed. Their leases know by themselves when they end.
    mutating func removeLapsedRegistrations(now: Timestamp) {
        for (id, worker) in workers where worker.expires <= now {
            workers[id] = nil
            woken.append(id)
            // It may have been woken for work that somebody else has to do now.
            wakeNext(in: worker.registration.queue)
        }
    }
}

import DequeModule
import OrderedCollections

extension Store {
    /// Removes closed runs whose time is over, those that closed first before the others.
    mutating func removeClosedRuns(at now: Timestamp, limit: Int) {
        for _ in 0..<limit {
            guard let number = closed.first, let run = runs[number], let closedAt = run.closedAt else { return }
            guard closedAt.advanced(by: retention.age) <= now || closed.count > retention.count else { return }
            closed.removeFirst()
            runs[number] = nil
            if let request = run.requestID {
                requests[RequestKey(workflowID: run.id.workflowID, requestID: request)] = nil
            }
            if newest[run.id.workflowID] == number { newest[run.id.workflowID] = nil }
        }
    }

    /// Forgets workers that lapsed. Their leases know by themselves when they end.
    mutating func removeLapsedRegistrations(now: Timestamp) {
        for (id, worker) in workers where worker.expires <= now {
            workers[id] = nil
            woken.append(id)
        }
    }
}

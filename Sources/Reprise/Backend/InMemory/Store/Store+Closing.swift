import DequeModule
import OrderedCollections

extension Store {
    /// Ends a run that is nowhere else any more, and whose last entry is written: cancels what is open.
    ///
    /// - Parameter result: its output, its encoded failure, or the reason why it was ended.
    mutating func close(_ number: Int, as state: RunState, result: [UInt8]) {
        leaveChildren(of: number)
        tellParent(of: number, state, result: result)
        for operation in runs[number]!.operations.keys.sorted() {
            remove(operation, of: number, because: .runClosed)
        }
        runs[number]!.operations = [:]
        runs[number]!.place = .closed(state)
        runs[number]!.closedAt = runs[number]!.history.last?.time
        runs[number]!.isPaused = false
        runs[number]!.turnFailures = 0
        runs[number]!.deaths = 0
        runs[number]!.reason = nil
        runs[number]!.stuck = nil
        closed.append(number)
        closedBytes += runs[number]!.retainedBytes
        changed.insert(number)
    }

    /// Takes an open run away from where it is; put it somewhere.
    mutating func withdraw(_ number: Int) {
        switch runs[number]!.place {
        case .delayed(_, let ticket): schedule.remove(ticket)
        case .queued(let ticket): queues[runs[number]!.queue]?.workflows.remove(ticket)
        case .leased(let lease): endLease(of: number, lease)
        case .blocked: blocked.remove(number)
        case .idle, .paused, .closed: break
        }
    }
}

import HeapModule

/// Everything that happens at a time: timers, retries, delayed starts and the ends of leases.
///
/// Removing only forgets an item; its place in the heap is skipped when its time comes.
struct DueSchedule {
    /// What becomes due.
    enum Item: Hashable {
        /// A timer of a workflow.
        case timer(run: Int, operation: Int)
        /// The end of the time that a queued activity may wait.
        case queuedActivity(run: Int, operation: Int)
        /// The deadline of an attempt that goes on elsewhere.
        case pendingActivity(run: Int, operation: Int)
        /// The next attempt of an activity.
        case attempt(run: Int, operation: Int)
        /// A delayed start, or the next try of a turn that failed.
        case run(Int)
        /// The lease of a workflow task.
        case workflowLease(run: Int)
        /// The lease or the deadline of an activity task, whichever comes first.
        case activityLease(run: Int, operation: Int)
    }

    private struct Place: Comparable {
        var due: Timestamp
        var ticket: Int
        static func < (one: Place, other: Place) -> Bool { (one.due, one.ticket) < (other.due, other.ticket) }
    }

    /// What is in the schedule, by ticket.
    private(set) var items: [Int: Item] = [:]
    private var heap = Heap<Place>()

    mutating func insert(_ item: Item, due: Timestamp, ticket: Int) {
        items[ticket] = item
        heap.insert(Place(due: due, ticket: ticket))
    }

    mutating func remove(_ ticket: Int) {
        items[ticket] = nil
        if heap.count > 2 * items.count + 64 {
            heap = Heap(heap.unordered.filter { items[$0.ticket] != nil })
        }
    }

    /// When the next item is due.
    mutating func nextDue() -> Timestamp? {
        while let first = heap.min {
            if items[first.ticket] != nil { return first.due }
            heap.removeMin()
        }
        return nil
    }

    /// Takes the first item that is due.
    mutating func popDue(at now: Timestamp) -> Item? {
        guard let due = nextDue(), due <= now else { return nil }
        return items.removeValue(forKey: heap.removeMin().ticket)
    }
}

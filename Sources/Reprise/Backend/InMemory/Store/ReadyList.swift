import DequeModule
import OrderedCollections

/// The tasks of one kind that are ready in one queue, first in, first out, and those that are parked because the worker
/// that came for them didn't know their type, or set aside because it held a suspect already.
///
/// Removing from the middle only forgets the task; its ticket is skipped when its turn comes.
struct ReadyList {
    /// A task that is ready.
    struct Item: Hashable {
        /// Names this stay in the list.
        var ticket: Int
        /// The number of the run.
        var run: Int
        /// The operation of an activity task; 0 for a workflow task.
        var operation = 0
        /// The workflow type, or the activity's name.
        var type: String
    }

    /// The tasks that are in the list, parked or not, by ticket.
    private(set) var items: [Int: Item] = [:]
    /// How many of them there are of each type, without those set aside.
    private var counts: [ExactName: Int] = [:]
    private var order: Deque<Int> = []
    private var parked: OrderedDictionary<ExactName, Deque<Int>> = [:]
    private var suspects: OrderedSet<Int> = []

    mutating func append(_ item: Item) {
        add(item)
        order.append(item.ticket)
    }

    mutating func prepend(_ item: Item) {
        add(item)
        order.prepend(item.ticket)
    }

    /// The first task that is not parked; it stays counted until it is removed or parked.
    mutating func popFirst() -> Item? {
        while let ticket = order.popFirst() {
            if let item = items[ticket] { return item }
        }
        return nil
    }

    /// Moves a task that was popped aside.
    mutating func park(_ item: Item) {
        parked[ExactName(item.type), default: []].append(item.ticket)
    }

    /// Sets a task aside that was popped, until a worker comes that may take a suspect.
    mutating func setAside(_ item: Item) {
        uncount(item.type)
        suspects.append(item.ticket)
    }

    /// The first task that was set aside; it is counted again until it is removed or parked.
    mutating func popSuspect() -> Item? {
        guard !suspects.isEmpty, let item = items[suspects.removeFirst()] else { return nil }
        counts[item.type, default: 0] += 1
        return item
    }

    /// How many tasks are set aside.
    var suspectCount: Int { suspects.count }

    /// Whether there is a task set aside, of a type that satisfies a condition.
    func holdsSuspect(where isKnown: (String) -> Bool) -> Bool {
        suspects.contains { ticket in items[ticket].map { isKnown($0.type) } ?? false }
    }

    /// Whether there are parked tasks.
    var hasParked: Bool { !parked.isEmpty }

    /// Moves the parked tasks of these types to the front, in their order.
    mutating func unpark(where isKnown: (String) -> Bool) {
        var tickets: [Int] = []
        for type in Array(parked.keys) where isKnown(type.text) {
            tickets += parked.removeValue(forKey: type) ?? []
        }
        tickets.removeAll { items[$0] == nil }
        order.prepend(contentsOf: tickets)
    }

    mutating func remove(_ ticket: Int) {
        guard let item = items.removeValue(forKey: ticket) else { return }
        if suspects.remove(ticket) == nil { uncount(item.type) }
        if order.count > 2 * items.count + 64 {
            order = Deque(order.filter { items[$0] != nil })
        }
    }

    /// Whether there is a task of a type, parked or not but not set aside, that satisfies a condition.
    func holdsType(where isKnown: (String) -> Bool) -> Bool { counts.keys.contains { isKnown($0.text) } }

    /// Whether each task is in exactly one list, and the counts are right.
    var isConsistent: Bool {
        let listed = (([order] + parked.values).flatMap { $0 } + suspects).filter { items[$0] != nil }
        let counted = items.values.filter { !suspects.contains($0.ticket) }
        return listed.count == items.count && Set(listed) == Set(items.keys)
            && counts == Dictionary(counted.map { (ExactName($0.type), 1) }, uniquingKeysWith: +)
    }

    private mutating func uncount(_ type: String) {
        let type = ExactName(type)
        if let count = counts[type], count > 1 {
            counts[type] = count - 1
        } else {
            counts[type] = nil
            parked[type] = nil
        }
    }

    private mutating func add(_ item: Item) {
        items[item.ticket] = item
        counts[item.type, default: 0] += 1
    }
}

import DequeModule

/// Signals that wait to be received, in the order in which they arrived.
struct SignalInbox {
    struct Item {
        /// The number of the history entry that brought it.
        var entry: Int
        var signal: SignalRecord
    }

    /// How many ids a run that continues as new hands on.
    private static let recentCount = 64

    private var seen: Set<ExactName> = []
    private var recent: Deque<String> = []
    private(set) var waiting: [Item] = []

    /// The ids of the last signals, the newest last; not of those that wait, since they come to the next run as new ones.
    var recentIDs: [String] {
        let waiting = Set(waiting.map { ExactName($0.signal.id) })
        return recent.filter { !waiting.contains(ExactName($0)) }
    }

    /// Whether this id comes for the first time. A repeat is a signal that was sent again after a lost reply.
    mutating func isNew(_ id: String) -> Bool {
        guard seen.insert(ExactName(id)).inserted else { return false }
        recent.append(id)
        if recent.count > SignalInbox.recentCount { recent.removeFirst() }
        return true
    }

    mutating func add(_ item: Item) { waiting.append(item) }

    /// Takes the oldest of a name.
    mutating func take(_ name: String) -> SignalRecord? {
        waiting.firstIndex { $0.signal.name.isExactly(name) }.map { waiting.remove(at: $0).signal }
    }
}

import DequeModule

/// Suspended runs in memory. The one that was put here longest ago goes first when it is full.
struct RunCache {
    struct Entry {
        var engine: ReplayEngine
        /// The nonce of the commit that the engine's state is at.
        var lastCommit: String
    }

    private var entries: [RunID: (entry: Entry, turn: Int)] = [:]
    /// The order in which they were put here; also what is not here any more, or was put here again.
    private var order: Deque<(run: RunID, turn: Int)> = []
    private var turns = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Looks at a run.
    subscript(run: RunID) -> Entry? { entries[run]?.entry }

    /// Takes a run out, at whatever commit it is.
    mutating func remove(_ run: RunID) -> (engine: ReplayEngine, lastCommit: String)? {
        entries.removeValue(forKey: run).map { ($0.entry.engine, $0.entry.lastCommit) }
    }

    /// Takes a run out, if it is at that commit. One that is not is of no use: somebody else has advanced the run.
    ///
    /// - Returns: the engine, or the one to evict.
    mutating func take(_ run: RunID, at lastCommit: String) -> (valid: ReplayEngine?, stale: ReplayEngine?) {
        guard let entry = entries.removeValue(forKey: run)?.entry else { return (nil, nil) }
        return entry.lastCommit == lastCommit ? (entry.engine, nil) : (nil, entry.engine)
    }

    /// Keeps a run.
    ///
    /// - Returns: the engines to evict in its place.
    mutating func put(_ run: RunID, _ entry: Entry) -> [ReplayEngine] {
        guard capacity > 0 else { return [entry.engine] }
        turns += 1
        let old = entries.updateValue((entry, turns), forKey: run)?.entry.engine
        order.append((run, turns))
        // So each removal costs as little as a look-up, and the order no more than twice the memory.
        if order.count > 2 * capacity { order.removeAll { entries[$0.run]?.turn != $0.turn } }
        let oldest = entries.count > capacity ? removeOldest() : nil
        return [old, oldest].compactMap(\.self)
    }

    private mutating func removeOldest() -> ReplayEngine? {
        while let (run, turn) = order.popFirst() {
            if entries[run]?.turn == turn { return entries.removeValue(forKey: run)?.entry.engine }
        }
        return nil
    }

    mutating func removeAll() -> [ReplayEngine] {
        defer {
            entries.removeAll()
            order.removeAll()
        }
        return order.compactMap { run, turn in entries[run]?.turn == turn ? entries[run]?.entry.engine : nil }
    }
}

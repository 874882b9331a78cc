import OrderedCollections

/// Suspended runs in memory. The one that was used longest ago goes first when it is full.
struct RunCache {
    struct Entry {
        var engine: ReplayEngine
        /// The nonce of the commit that the engine's state is at.
        var lastCommit: String
    }

    private var entries: OrderedDictionary<RunID, Entry> = [:]
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Takes a run out, if it is at that commit. One that is not is of no use: somebody else has advanced the run.
    ///
    /// - Returns: the engine, or the one to evict.
    mutating func take(_ run: RunID, at lastCommit: String) -> (valid: ReplayEngine?, stale: ReplayEngine?) {
        guard let entry = entries.removeValue(forKey: run) else { return (nil, nil) }
        return entry.lastCommit == lastCommit ? (entry.engine, nil) : (nil, entry.engine)
    }

    /// Keeps a run.
    ///
    /// - Returns: the engines to evict in its place.
    mutating func put(_ run: RunID, _ entry: Entry) -> [ReplayEngine] {
        guard capacity > 0 else { return [entry.engine] }
        let old = entries.updateValue(entry, forKey: run)?.engine
        let oldest = entries.count > capacity ? entries.removeFirst().value.engine : nil
        return [old, oldest].compactMap(\.self)
    }

    mutating func removeAll() -> [ReplayEngine] {
        defer { entries.removeAll() }
        return entries.values.map(\.engine)
    }
}

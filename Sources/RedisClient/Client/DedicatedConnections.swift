/// The dedicated connections of a client that are in use, so that shutting it down ends them.
struct DedicatedConnections {
    private struct Entry {
        weak var port: CommandPort?
    }

    private var entries: [Entry] = []
    private var isClosed = false
    /// Entries whose port is gone are removed when there may be many of them.
    private var sweepCount = 16

    /// Returns false after `close()`.
    mutating func add(_ port: CommandPort) -> Bool {
        guard !isClosed else { return false }
        if entries.count >= sweepCount {
            entries.removeAll { $0.port == nil }
            sweepCount = max(16, entries.count * 2)
        }
        entries.append(Entry(port: port))
        return true
    }

    /// Takes no more, and returns those in use.
    mutating func close() -> [CommandPort] {
        isClosed = true
        defer { entries = [] }
        return entries.compactMap(\.port)
    }
}

/// A charge that the payment provider made.
struct LedgerEntry: Hashable, Sendable {
    /// The idempotency key: entries with one key are one charge.
    var key: String
    var cycle: Int
    var amount: Int
    /// Which hand-out of the activity wrote it.
    var delivery: Int
}

/// The provider's books, which Reprise knows nothing of. Every write is kept, so that repeats can be counted.
protocol Ledger: Sendable {
    /// - Returns: whether this is the subscription's first write.
    func record(_ entry: LedgerEntry, for subscription: String) async throws -> Bool
    /// All writes, in order.
    func writes(for subscription: String) async throws -> [LedgerEntry]
}

extension Ledger {
    /// What the customer paid: one charge a key.
    func charged(for subscription: String) async throws -> Int {
        let writes = try await writes(for: subscription)
        return Dictionary(writes.map { ($0.key, $0.amount) }, uniquingKeysWith: { first, _ in first }).values.reduce(
            0, +)
    }
}

/// Books for a demo in one process.
actor MemoryLedger: Ledger {
    private var entries: [String: [LedgerEntry]] = [:]

    func record(_ entry: LedgerEntry, for subscription: String) -> Bool {
        entries[subscription, default: []].append(entry)
        return entries[subscription]?.count == 1
    }

    func writes(for subscription: String) -> [LedgerEntry] { entries[subscription] ?? [] }
}

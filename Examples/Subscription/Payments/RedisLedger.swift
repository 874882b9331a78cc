import Foundation
import RedisClient

/// Books in Redis, under keys of their own. A list a subscription: every write stays.
struct RedisLedger: Ledger {
    let client: RedisClient

    func record(_ entry: LedgerEntry, for subscription: String) async throws -> Bool {
        let line = "\(entry.key) \(entry.cycle) \(entry.amount) \(entry.delivery)"
        return try await client.send(["RPUSH", key(subscription), line]).asInt == 1
    }

    func writes(for subscription: String) async throws -> [LedgerEntry] {
        try await client.send(["LRANGE", key(subscription), "0", "-1"]).asArray.map { reply in
            let parts = try reply.asString.split(separator: " ").map(String.init)
            guard parts.count == 4, let cycle = Int(parts[1]), let amount = Int(parts[2]), let delivery = Int(parts[3])
            else { throw MalformedEntry(line: try reply.asString) }
            return LedgerEntry(key: parts[0], cycle: cycle, amount: amount, delivery: delivery)
        }
    }

    struct MalformedEntry: Error { var line: String }

    private func key(_ subscription: String) -> String { "payments:ledger:\(subscription)" }
}

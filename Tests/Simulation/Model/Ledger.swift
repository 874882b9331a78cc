/// A service outside: what activities did to the world, by their idempotency keys.
///
/// `@unchecked Sendable`: the simulation has one thread, see ``Scheduler``.
final class Ledger: @unchecked Sendable {
    struct Entry {
        var activity: String
        var input: String
        var executions = 0
    }

    private(set) var entries: [String: Entry] = [:]
    /// What was charged, by account: once, however often it was asked for.
    private(set) var charged: [String: Int] = [:]
    /// Accounts whose charge is undone; one that comes later has no effect.
    private(set) var refunded: Set<String> = []
    private(set) var mismatches: [String] = []

    /// Notes that an activity begins.
    func execute(_ activity: String, _ input: String, key: String) {
        var entry = entries[key] ?? Entry(activity: activity, input: input)
        if entry.activity != activity || entry.input != input {
            mismatches.append("key \(key) is used for \(entry.activity)(\(entry.input)) and \(activity)(\(input))")
        }
        entry.executions += 1
        entries[key] = entry
    }

    func charge(_ account: String, _ amount: Int) {
        if charged[account, default: amount] != amount { mismatches.append("account \(account) is charged twice") }
        charged[account] = amount
    }

    func refund(_ account: String) { refunded.insert(account) }

    /// What stays charged to the accounts of a run.
    func sum(of accounts: [String]) -> Int {
        accounts.reduce(0) { $0 + (refunded.contains($1) ? 0 : charged[$1, default: 0]) }
    }
}

import Foundation

/// A payment provider that declines often, and keeps a ledger of what it took.
struct PaymentGateway: Sendable {
    let ledger: any Ledger
    /// The probability of a decline, from 0 to 1.
    var failureRate = 0.7
    /// Decides which cycles are declined: the same cycles for the same seed.
    var seed: UInt64 = PaymentGateway.defaultSeed
    /// Kills the whole process after a charge is in the ledger and before anybody learns of it, the first time.
    var crashesAfterFirstCharge = false

    /// Shows at least two paid and two failed cycles out of six.
    static let defaultSeed: UInt64 = 2

    struct Declined: Error, Codable, CustomStringConvertible {
        var description: String { "payment declined" }
    }

    func charge(_ charge: Payments.Charge, key: String, delivery: Int) async throws {
        guard !isDeclined(cycle: charge.cycle) else { throw Declined() }
        let entry = LedgerEntry(key: key, cycle: charge.cycle, amount: charge.amount, delivery: delivery)
        let isFirstCharge = try await ledger.record(entry, for: charge.subscription)
        if crashesAfterFirstCharge && isFirstCharge { kill(getpid(), SIGKILL) }
    }

    /// SplitMix64 of seed and cycle: no state, so every worker decides alike.
    func isDeclined(cycle: Int) -> Bool {
        var mixed = seed &+ UInt64(cycle + 1) &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Double((mixed ^ (mixed >> 31)) >> 11) / Double(1 << 53) < failureRate
    }
}

/// How many tasks of a kind a worker may hold, and which it holds.
struct Slots<Claim> {
    let count: Int
    /// By nonce.
    var held: [String: Claim] = [:]
    /// Asked for in claims that have no answer yet.
    var reserved = 0

    init(count: Int) { self.count = count }

    var inUse: Int { held.count }
    var free: Int { max(0, count - held.count - reserved) }

    /// Reserves all that is free, or half of it.
    mutating func reserve(half: Bool = false) -> Int {
        let count = half ? (free + 1) / 2 : free
        reserved += count
        return count
    }
}

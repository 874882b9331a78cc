import Reprise

/// The runs that were started from here and tell of their ends without being asked, until somebody waits for them. What is
/// forgotten is asked for.
struct ExpectedRuns {
    /// How many starts are under way: a run may end before its start is answered here.
    var starts = 0
    /// The message of a run that has ended; empty of one that hasn't.
    private var runs: [RunID: [UInt8]] = [:]
    /// Messages of runs that nobody expects yet, while starts are under way.
    private var early: [RunID: [UInt8]] = [:]
    private var bytes = 0

    /// How many runs it remembers, and how many bytes of messages, before it forgets all.
    private static let limits = (runs: 16_384, bytes: 8 << 20)

    mutating func insert(_ run: RunID) {
        runs[run] = early.removeValue(forKey: run) ?? []
        forgetIfLarge()
    }

    mutating func endStart() {
        starts -= 1
        guard starts == 0, !early.isEmpty else { return }
        for message in early.values { bytes -= message.count }
        early = [:]
    }

    /// A run that nobody waits for has told something.
    mutating func note(_ message: [UInt8], of run: RunID) {
        let known: [UInt8]?
        if runs[run] != nil {
            known = runs.updateValue(message, forKey: run)
        } else if starts > 0 {
            known = early.updateValue(message, forKey: run)
        } else {
            return
        }
        bytes += message.count - (known?.count ?? 0)
        forgetIfLarge()
    }

    /// The message of a run, which is not expected any more; empty if it hasn't ended, `nil` if it wasn't expected.
    mutating func remove(_ run: RunID) -> [UInt8]? {
        guard let message = runs.removeValue(forKey: run) else { return nil }
        bytes -= message.count
        return message
    }

    mutating func removeAll() {
        runs = [:]
        early = [:]
        bytes = 0
    }

    private mutating func forgetIfLarge() {
        if runs.count + early.count > Self.limits.runs || bytes > Self.limits.bytes { removeAll() }
    }
}

/// What a Redis user is for. `docs/security.md` has the rights of each.
public enum RedisRole: Hashable, Sendable, CaseIterable {
    /// Runs workflows and activities.
    case worker
    /// Starts workflows, sends signals, waits for results.
    case client
    /// Reads, examines the namespace, and writes nothing.
    case observer

    /// What `Scripts/rights.lua` calls it.
    var letter: String {
        switch self {
        case .worker: "w"
        case .client: "c"
        case .observer: "o"
        }
    }

    /// What follows if a right is missing.
    var consequence: String {
        switch self {
        case .worker: "workers can't work"
        case .client: "clients can't start, signal and wait for runs"
        case .observer: "the namespace can't be examined"
        }
    }
}

/// Signals that wait to be received, in the order in which they arrived.
struct SignalInbox {
    private var seen: Set<String> = []
    private(set) var waiting: [SignalRecord] = []

    /// Whether this id comes for the first time. A repeat is a signal that was sent again after a lost reply.
    mutating func isNew(_ signal: SignalRecord) -> Bool { seen.insert(signal.id).inserted }

    mutating func add(_ signal: SignalRecord) { waiting.append(signal) }

    /// Takes the oldest of a name.
    mutating func take(_ name: String) -> SignalRecord? {
        waiting.firstIndex { $0.name == name }.map { waiting.remove(at: $0) }
    }
}

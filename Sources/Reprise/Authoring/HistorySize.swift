/// How long a run's history is, at the event being processed. The same in every replay.
public struct HistorySize: Hashable, Sendable {
    /// How many entries it has: events and turns.
    public var count: Int
    /// How many bytes their payloads have.
    public var bytes: Int

    /// Makes a size.
    public init(count: Int, bytes: Int) {
        self.count = count
        self.bytes = bytes
    }

    /// From here on ``WorkflowContext/shouldContinueAsNew`` says so: 10,000 entries or 10 MiB.
    public static let advised = HistorySize(count: 10_000, bytes: 10 << 20)

    /// Whether it has reached a limit of either.
    public func reaches(_ limit: HistorySize) -> Bool { count >= limit.count || bytes >= limit.bytes }
}

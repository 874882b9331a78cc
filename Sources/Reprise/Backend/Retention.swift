/// How long closed runs are kept. Open runs are never removed.
public struct Retention: Hashable, Sendable {
    /// A run is removed when it has been closed for so long.
    public var age: Duration
    /// The runs that closed first are removed while more than so many closed runs are kept.
    public var count: Int

    /// Makes a policy. Default: a week, and at most 100,000 runs.
    public init(age: Duration = .seconds(7 * 24 * 3600), count: Int = 100_000) {
        self.age = age
        self.count = count
    }
}

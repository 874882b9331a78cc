/// Something that must never be true of a backend's data, found by a check of the invariants.
public struct InvariantViolation: Hashable, Sendable, CustomStringConvertible {
    /// The invariant that is broken, as a sentence.
    public var invariant: String
    /// What was found instead.
    public var finding: String
    /// The run it is about, if it is about one.
    public var run: RunID?

    /// Makes a violation.
    public init(_ invariant: String, finding: String, run: RunID? = nil) {
        self.invariant = invariant
        self.finding = finding
        self.run = run
    }

    /// The message for a log or a failed test.
    public var description: String {
        (run.map { "run \($0): " } ?? "") + "\(invariant); found: \(finding)"
    }
}

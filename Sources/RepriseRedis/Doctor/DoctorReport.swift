/// What ``RedisBackend/examine(repairing:)`` found in a namespace.
public struct DoctorReport: Hashable, Sendable {
    /// What is wrong, or was until it was repaired: the first ``limit`` of them. A damaged run that was blocked is there
    /// twice, as repaired and as what is left for a person.
    public private(set) var findings: [DoctorFinding] = []
    /// How many more there were.
    public private(set) var omitted = 0
    /// How many runs were looked at.
    public internal(set) var runs = 0
    /// How many open operations were looked at.
    public internal(set) var operations = 0

    /// How many findings a report names.
    public static var limit: Int { 1000 }

    /// Whether nothing is wrong, or is wrong no more.
    public var isClean: Bool { omitted == 0 && findings.allSatisfy { $0.state == .repaired } }

    mutating func add(_ finding: DoctorFinding) {
        if findings.contains(finding) { return }
        if findings.count < Self.limit { findings.append(finding) } else { omitted += 1 }
    }
}

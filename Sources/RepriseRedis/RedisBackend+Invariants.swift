public import Reprise

extension RedisBackend {
    /// Checks on the live Redis that everything which waits has exactly one thing that wakes it, that lists and runs agree,
    /// that histories are whole, and that every key belongs to something.
    ///
    /// It only reads, in pages, beside running workers. See ``examine(repairing:)``, which also repairs.
    /// - Returns: the first ``DoctorReport/limit`` violations.
    public func checkInvariants() async throws(BackendError) -> [InvariantViolation] {
        try await examine().findings.map(\.violation)
    }

    /// Checks the invariants, and repairs what can be repaired safely.
    ///
    /// Each item is judged at one moment, and again at the moment of its repair, so that it can be called beside running
    /// workers, and called again. No history is changed and no run removed: a run that is damaged is blocked, with the
    /// damage as its reason. It needs about 20 bytes of memory for each task in a queue of more than 128.
    ///
    /// - Parameter repairing: whether to repair; else it only reads.
    public func examine(repairing: Bool = false) async throws(BackendError) -> DoctorReport {
        var doctor = Doctor(backend: self, isRepairing: repairing)
        return try await doctor.examine()
    }
}

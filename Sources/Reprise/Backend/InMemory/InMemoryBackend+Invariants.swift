import Synchronization

extension InMemoryBackend {
    /// Checks the whole of the data for what must always be true.
    ///
    /// - Returns: what is broken; empty if all is well.
    public func checkInvariants() -> [InvariantViolation] {
        core.withLock { $0.store.violations() }
    }
}

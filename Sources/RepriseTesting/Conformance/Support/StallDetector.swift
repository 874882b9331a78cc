import Synchronization

/// Notices when tasks of this process don't get to run for a while.
final class StallDetector: Sendable {
    private let stalled = Atomic(false)

    /// Whether there was a stall.
    var hasStalled: Bool { stalled.load(ordering: .relaxed) }

    /// Watches while a call runs.
    func watch(_ call: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await call() }
            group.addTask {
                let clock = ContinuousClock()
                while !Task.isCancelled {
                    let start = clock.now
                    try? await Task.sleep(for: .milliseconds(20))
                    if clock.now - start > .milliseconds(150) { self.stalled.store(true, ordering: .relaxed) }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}

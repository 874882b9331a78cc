import Reprise
import Testing

/// Whoever was woken and doesn't come must not leave the others asleep.
@Suite struct InMemoryWakingTests {
    let backend = InMemoryBackend(clock: .virtual(startingAt: Timestamp(milliseconds: 0)))

    private func registration(
        _ id: String, queue: String = "main", types: [String] = ["Order"], lease: Duration = .seconds(1000)
    ) -> WorkerRegistration {
        WorkerRegistration(id: id, name: id, queue: queue, workflowTypes: types, activityNames: [], lease: lease)
    }

    /// Registers workers that find nothing, and then starts a run, for which the first is woken.
    private func wakeTheFirst(of workers: WorkerRegistration...) async throws {
        for worker in workers {
            try await backend.register(worker)
            _ = try await backend.claim(
                ClaimRequest(id: "\(worker.id):1", worker: worker.id, workflowSlots: 1, activitySlots: 0))
        }
        _ = try await backend.start(
            StartRequest(
                requestID: "r", workflowID: "order", queue: "main",
                record: StartRecord(type: "Order", version: "", input: [])))
        #expect(backend.checkInvariants() == [])
    }

    @Test func `What a worker was woken for before it died goes to another when its registration lapses`() async throws
    {
        try await wakeTheFirst(
            of: registration("dead", lease: .seconds(10)), registration("idle"), registration("other", queue: "side"))
        // Whoever comes next sees that the worker is gone, also if it serves another queue.
        backend.jump(by: .seconds(11), expiringLeases: true)
        _ = try await backend.claim(ClaimRequest(id: "other:2", worker: "other", workflowSlots: 1, activitySlots: 0))
        #expect(backend.checkInvariants() == [])
        // It doesn't sleep.
        try await backend.waitForWork(worker: "idle", until: nil)
    }

    @Test func `What a worker was woken for and doesn't know any more goes to another`() async throws {
        try await wakeTheFirst(of: registration("changed"), registration("idle"))
        try await backend.register(registration("changed", types: []))
        #expect(backend.checkInvariants() == [])
        try await backend.waitForWork(worker: "idle", until: nil)
    }
}

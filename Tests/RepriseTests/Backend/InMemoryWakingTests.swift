import Reprise
import Testing

@Suite struct InMemoryWakingTests {
    @Test(.timeLimit(.minutes(1)))
    func `What a worker was woken for before it died goes to another when its registration lapses`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Timestamp(milliseconds: 0)))
        for (id, queue, seconds) in [("dead", "main", 10), ("idle", "main", 1000), ("other", "side", 1000)] {
            try await backend.register(
                WorkerRegistration(
                    id: id, name: id, queue: queue, workflowTypes: ["Order"], activityNames: [],
                    lease: .seconds(seconds)))
            _ = try await backend.claim(
                ClaimRequest(id: "\(id):1", worker: id, workflowSlots: 1, activitySlots: 0))
        }
        let waiting = Task { try await backend.waitForWork(worker: "idle", until: nil) }
        _ = try await backend.start(
            StartRequest(
                requestID: "r", workflowID: "order", queue: "main",
                record: StartRecord(type: "Order", version: "", input: [])))
        // Whoever comes next sees that the worker is gone, also if it serves another queue.
        backend.jump(by: .seconds(11), expiringLeases: true)
        _ = try await backend.claim(ClaimRequest(id: "other:2", worker: "other", workflowSlots: 1, activitySlots: 0))
        #expect(backend.checkInvariants() == [])
        try await waiting.value
    }
}

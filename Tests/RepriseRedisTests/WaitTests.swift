import Reprise
import RepriseRedis
import Testing

@Suite struct WaitTests {
    /// Each wait begins right after the one before, whose leaving is still on its way.
    @Test(.timeLimit(.minutes(1)))
    func `a client that waits for one change after the other misses none`() async throws {
        try await Site.with { site in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<40 {
                    group.addTask { try await waitForManyChanges(site.backend, "order-\(index)") }
                }
                try await group.waitForAll()
            }
        }
    }

    private func waitForManyChanges(_ backend: RedisBackend, _ id: String) async throws {
        let record = StartRecord(type: "Order", version: "", input: [])
        let run = try await backend.start(
            StartRequest(requestID: id, workflowID: id, queue: "main", record: record))
        let changes = 50
        let signalling = Task {
            for number in 1...changes {
                let signal = SignalRecord(id: "\(number)", name: "n", payload: [])
                _ = try await backend.signal(signal, workflowID: id, runNumber: nil)
            }
        }
        var last = try await backend.describe(workflowID: id, runNumber: nil)
        while last.lastArrival < changes + 1 {
            last = try await backend.wait(for: run, until: .changed(from: last))
        }
        try await signalling.value
    }
}

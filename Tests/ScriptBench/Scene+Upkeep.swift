import Reprise
import RepriseRedis

/// What looks through everything.
extension Scene {
    func upkeep(_ runs: Int, _ size: Int) async throws {
        try await commit(activities(try await startAndTake("wide"), size))
        try await terminateSeeded(0..<size)
        // Nobody claims, so its messages stay.
        let parent = children(try await startAndTake("crowded"), size, of: "crowded")
        _ = try await backend.commit(parent, claiming: nil)
        let situation = "\(runs) open runs, \(size) closed, \(size) operations of one, \(size) messages: examined"
        try await meter.measureSlow(situation, rounds: rounds) {
            let report = try await self.backend.examine(repairing: false)
            guard report.isClean else { throw BackendError(.corrupt, "the doctor found \(report.findings)") }
        }
        try await drain()
        try await measure("\(size) closed runs: swept") { round in
            if round > 0 { try await self.terminateSeeded(round * size..<round * size + size) }
            return { try await self.backend.sweep(keeping: Retention(count: 0)) }
        }
        try await terminate("wide")
        try await terminate("crowded")
        try await drain()
        try await takeActivities(1000)
    }

    /// Terminates seeded runs, a hundred at a time.
    private func terminateSeeded(_ range: Range<Int>) async throws {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 100) {
            try await withThrowingTaskGroup(of: Void.self) { [backend] group in
                for index in start..<min(start + 100, range.upperBound) {
                    group.addTask {
                        do {
                            _ = try await backend.terminate(
                                workflowID: "seeded-\(index)", runNumber: nil, reason: "enough")
                        } catch let error as BackendError where error.code == .runClosed || error.code == .runNotFound {
                            // By another situation.
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}

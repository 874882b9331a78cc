import Foundation
import Reprise

extension Site {
    /// A run's history.
    func history(of run: RunID) async throws -> [HistoryEntry] {
        try await backend.history(of: run, after: 0, limit: 1000)
    }

    /// What a run's turns decided, in order.
    func commands(of run: RunID) async throws -> [Command] {
        try await history(of: run).filter { $0.kind == .turn }.flatMap { try Turn(decoding: $0.payload).commands }
    }

    /// When the next timer or lease is due, as a worker without room is told.
    func nextDue() async throws -> Timestamp? {
        let id = UUID().uuidString.filter(\.isHexDigit)
        try await backend.register(
            WorkerRegistration(
                id: id, name: "watcher", queue: id, workflowTypes: [], activityNames: [], lease: .seconds(60)))
        let request = ClaimRequest(id: "\(id):1", worker: id, workflowSlots: 0, activitySlots: 0)
        let due = try await backend.claim(request).nextDue
        try await backend.unregister(worker: id)
        return due
    }
}

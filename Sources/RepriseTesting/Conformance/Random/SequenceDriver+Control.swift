import Reprise

extension SequenceDriver {
    /// Asks a run to end, ends it, pauses it or resumes it.
    func control() async throws {
        guard let run = pick(runs)?.id else { return }
        let isNamed = chance(70)
        let target = isNamed ? names.name(of: run) : run.workflowID
        let reason = "r\(pick(9))"
        switch pick(10) {
        case ..<3:
            _ = try await record("pause \(names.name(of: run))") { try await backend.pause(run) }
        case ..<7:
            _ = try await record("resume \(names.name(of: run))") { try await backend.resume(run) }
        case ..<9:
            _ = try await record("cancel \(target) \(reason)", as: { $1.name(of: $0) }) {
                try await backend.requestCancel(
                    workflowID: run.workflowID, runNumber: isNamed ? run.number : nil, reason: reason)
            }
        default:
            let ended = try await record("terminate \(target) \(reason)", as: { $1.name(of: $0) }) {
                try await backend.terminate(
                    workflowID: run.workflowID, runNumber: isNamed ? run.number : nil, reason: reason)
            }
            for task in workflowTasks where task.task.claim.run == ended { held.remove(task.task.claim.nonce) }
            for task in activityTasks where task.task.claim.run == ended { held.remove(task.task.claim.nonce) }
        }
    }
}

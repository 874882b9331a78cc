import RedisClient
public import Reprise

extension RedisBackend {
    // MARK: Run control

    /// Asks a run to end. See ``Reprise/Backend/requestCancel(workflowID:runNumber:reason:)``.
    public func requestCancel(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try await end(workflowID, runNumber, reason, by: scripts.cancel)
    }

    /// Ends a run. See ``Reprise/Backend/terminate(workflowID:runNumber:reason:)``.
    public func terminate(
        workflowID: String, runNumber: Int?, reason: String
    ) async throws(BackendError) -> RunID {
        try await end(workflowID, runNumber, reason, by: scripts.terminate)
    }

    /// Pauses a run. See ``Reprise/Backend/pause(_:)``.
    public func pause(_ run: RunID) async throws(BackendError) { try await control(run, by: scripts.pause) }

    /// Resumes a paused run. See ``Reprise/Backend/resume(_:)``.
    public func resume(_ run: RunID) async throws(BackendError) { try await control(run, by: scripts.resume) }

    private func end(
        _ workflowID: String, _ runNumber: Int?, _ reason: String, by script: RedisScript
    ) async throws(BackendError) -> RunID {
        let number = try await resolved(workflowID, runNumber)
        let call = runner.call(script, workflowID, number, reason.cut())
        var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
        let answer = try reply.string()
        let run = RunID(workflowID: workflowID, number: try reply.int())
        switch answer {
        case "asked", "terminated": return run
        case "closed": throw BackendError(.runClosed, "run \(run) is closed", run: run)
        case "missing": throw notFound(workflowID, runNumber)
        default: throw errors.corrupt("the history of run \(run) refuses an entry", run: run)
        }
    }

    private func control(_ run: RunID, by script: RedisScript) async throws(BackendError) {
        switch try word(try await runner.sendRepeating(runner.call(script, run.description))) {
        case "closed": throw BackendError(.runClosed, "run \(run) is closed", run: run)
        case "missing": throw notFound(run.workflowID, run.number)
        default: return
        }
    }
}

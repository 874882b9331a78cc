import Foundation
import Reprise

/// The calls that a workflow of one activity makes, with the bytes that a real one left in its history.
struct FloorCalls: Sendable {
    static let queue = "floor"

    private let record: StartRecord
    private let turns: [Turn.Encoded]
    private let output: [UInt8]

    /// Learns them from a workflow that it runs.
    init(_ site: BenchSite) async throws {
        let handle = try await site.startSequence("example", 1)
        _ = try await handle.result()
        let history = try await site.backend.wholeHistory(of: handle.run)
        guard history.map(\.kind) == [.started, .turn, .activityCompleted, .turn] else {
            throw BackendError(.corrupt, "the history isn't that of one activity", run: handle.run)
        }
        record = try StartRecord(decoding: history[0].payload)
        turns = try [history[1], history[3]].map { try Turn(decoding: $0.payload).encoded() }
        output = history[2].payload
    }

    func start(_ id: String) -> StartRequest {
        StartRequest(requestID: UUID().uuidString, workflowID: id, queue: FloorCalls.queue, record: record)
    }

    /// The first turn of a run schedules its activity.
    func commit(_ task: WorkflowTask) -> Commit {
        let (turn, activity) = (turns[0], BenchActivities.handle)
        return Commit(
            claim: task.claim, through: 1, turn: turn.bytes,
            effects: [
                .scheduleActivity(
                    ScheduledActivity(
                        operation: 0, name: activity.name, queue: task.queue, input: turn.payloads[0],
                        timeouts: activity.timeouts, retry: activity.retry))
            ])
    }

    /// The second turn ends it, and is taken with the activity's result, as a worker does that has the run in memory.
    ///
    /// - Parameters:
    ///   - first: the claim of the first turn.
    ///   - time: the store's clock.
    func completion(_ task: ActivityTask, after first: WorkflowClaim, at time: Timestamp) -> ForeseenTurn {
        let turn = turns[1]
        return ForeseenTurn(
            completions: [ActivityCompletion(claim: task.claim, result: .completed(output))], time: time,
            lastCommit: first.nonce,
            commit: Commit(
                claim: WorkflowClaim(run: first.run, epoch: 0, nonce: first.nonce + ".end"), through: 3,
                turn: turn.bytes, closing: .completed, result: turn.payloads[0]))
    }
}

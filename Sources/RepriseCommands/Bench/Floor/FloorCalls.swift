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

    /// The first turn of a run schedules its activity, the second ends it.
    func commit(_ task: WorkflowTask) -> Commit {
        let isFirst = task.through == 0
        let turn = turns[isFirst ? 0 : 1]
        let payload = turn.payloads[0]
        var commit = Commit(
            claim: task.claim, through: task.history.last(where: \.isArrival)?.number ?? task.through, turn: turn.bytes)
        if isFirst {
            let activity = BenchActivities.handle
            commit.effects = [
                .scheduleActivity(
                    ScheduledActivity(
                        operation: 0, name: activity.name, queue: task.queue, input: payload,
                        timeouts: activity.timeouts, retry: activity.retry))
            ]
        } else {
            commit.closing = .completed
            commit.result = payload
        }
        return commit
    }

    func completion(_ task: ActivityTask) -> ActivityCompletion {
        ActivityCompletion(claim: task.claim, result: .completed(output))
    }
}

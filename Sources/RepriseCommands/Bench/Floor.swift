import Foundation
import Reprise
import RepriseRedis

/// The calls that workflows of one activity make, without an engine: what the Redis and its client can do at best.
///
/// It goes through the same methods of the backend as client and worker do, with the bytes that a real workflow left in its
/// history, and runs no workflow, no activity and no lease renewal. Nobody waits for results.
struct Floor: Sendable {
    private static let queue = "floor"

    private let site: BenchSite
    private let backend: RedisBackend
    private let worker: String
    private let record: StartRecord
    private let turns: [(bytes: [UInt8], payload: Range<Int>?)]
    private let output: [UInt8]

    /// Learns the calls from a workflow that it runs.
    init(_ site: BenchSite) async throws {
        let handle = try await site.startSequence("example", 1)
        _ = try await handle.result()
        let history = try await site.backend.wholeHistory(of: handle.run)
        guard history.map(\.kind) == [.started, .turn, .activityCompleted, .turn] else {
            throw BackendError(.corrupt, "the history isn't that of one activity", run: handle.run)
        }
        self.site = site
        backend = site.workers[0]
        worker = "floor\(UInt64.random(in: .min ... .max))"
        record = try StartRecord(decoding: history[0].payload)
        turns = try [1, 3].map { index in
            let encoded = try Turn(decoding: history[index].payload).encoded()
            return (encoded.bytes, encoded.payloads.last)
        }
        output = history[2].payload
    }

    /// Runs workflows as ``BenchSite/startTogether(_:_:activities:)`` does, as many at a time as that starts.
    func run(_ round: String, _ count: Int) async throws -> Measurement {
        try await backend.register(
            WorkerRegistration(
                id: worker, name: "floor", queue: Floor.queue, workflowTypes: [BenchSequence.name],
                activityNames: [BenchActivities.handle.name], lease: .seconds(60)))
        let measurement = try await site.measured(count) { _ in
            try await inLanes(count, BenchSite.startsInFlight) { index, _ in try await runOne("\(round)-\(index)") }
        }
        try await backend.unregister(worker: worker)
        return measurement
    }

    /// Starts a workflow, then does what there is to do until there is nothing: every call that makes a task claims one, so
    /// none is left when all lanes are through.
    private func runOne(_ id: String) async throws {
        _ = try await site.backend.start(
            StartRequest(requestID: UUID().uuidString, workflowID: id, queue: Floor.queue, record: record))
        let work = try await backend.claim(request(id, 0))
        var (workflows, activities) = (work.workflowTasks[...], work.activityTasks[...])
        var calls = 0
        while true {
            calls += 1
            let request = request(id, calls)
            let more: ClaimedWork?
            if let task = workflows.popFirst() {
                more = try await backend.commit(commit(task), claiming: request).work
            } else if let task = activities.popFirst() {
                let completion = ActivityCompletion(claim: task.claim, result: .completed(output))
                more = try await backend.complete(completion, claiming: request).work
            } else {
                return
            }
            workflows += more?.workflowTasks ?? []
            activities += more?.activityTasks ?? []
        }
    }

    private func request(_ id: String, _ call: Int) -> ClaimRequest {
        ClaimRequest(id: "\(worker):\(id):\(call)", worker: worker, workflowSlots: 1, activitySlots: 1)
    }

    /// The first turn of a run schedules its activity, the second ends it.
    private func commit(_ task: WorkflowTask) -> Commit {
        let isFirst = task.through == 0
        let (bytes, payload) = turns[isFirst ? 0 : 1]
        let through = task.history.last(where: \.isArrival)?.number ?? task.through
        guard isFirst else {
            return Commit(claim: task.claim, through: through, turn: bytes, closing: .completed, result: payload)
        }
        let activity = BenchActivities.handle
        let scheduled = ScheduledActivity(
            operation: 0, name: activity.name, queue: task.queue, input: payload ?? 0..<0, timeouts: activity.timeouts,
            retry: activity.retry)
        return Commit(claim: task.claim, through: through, turn: bytes, effects: [.scheduleActivity(scheduled)])
    }
}

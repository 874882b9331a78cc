import Foundation
import Reprise
import RepriseRedis

/// Plays a worker by hand: claims, commits, completions.
final class Player {
    let backend: any Backend
    let registration: WorkerRegistration
    private var claims = 0

    init(
        _ backend: any Backend, id: String = "worker1", queue: String = "main", types: [String] = ["Sum"],
        activities: [String] = ["add"], build: String = "", lease: Duration = .seconds(120)
    ) async throws {
        self.backend = backend
        registration = WorkerRegistration(
            id: id, name: "player", queue: queue, workflowTypes: types, activityNames: activities, buildID: build,
            lease: lease)
        try await backend.register(registration)
    }

    func request(_ workflows: Int = 1, _ activities: Int = 1) -> ClaimRequest {
        claims += 1
        return ClaimRequest(
            id: "\(registration.id)-\(claims)", worker: registration.id, workflowSlots: workflows,
            activitySlots: activities)
    }

    func claim(_ workflows: Int = 1, _ activities: Int = 1) async throws -> ClaimedWork {
        try await backend.claim(request(workflows, activities))
    }

    /// All activities in the queue; a claim takes a bounded number of them.
    func claimActivities() async throws -> [ActivityTask] {
        var tasks: [ActivityTask] = []
        while true {
            let work = try await claim(0, 10_000)
            tasks += work.activityTasks
            guard let due = work.nextDue, due <= work.now else { return tasks }
        }
    }

    /// A turn that schedules activities, of one attempt each.
    static func scheduling(
        _ task: WorkflowTask, operations: Range<Int>, name: String = "add", input: [UInt8] = Array("[1,2]".utf8),
        timeout: Duration = .seconds(120), retry: RetryPolicy = .none
    ) -> Commit {
        let turn = Turn(
            firstCommand: operations.lowerBound,
            commands: operations.map { _ in
                Command(kind: .scheduleActivity, name: name, location: "Tests/Sum.swift:12", payload: input)
            }
        ).encoded()
        return Commit(
            claim: task.claim, through: task.lastArrival, turn: turn.bytes,
            effects: zip(operations, turn.payloads).map { operation, range in
                .scheduleActivity(
                    ScheduledActivity(
                        operation: operation, name: name, queue: task.queue, input: range,
                        timeouts: ActivityTimeouts(startToClose: timeout),
                        retry: retry))
            })
    }

    /// A turn that starts a timer.
    static func sleeping(_ task: WorkflowTask, operation: Int, until due: Timestamp) -> Commit {
        let turn = Turn(
            firstCommand: operation,
            commands: [
                Command(kind: .startTimer, argument: due.milliseconds, location: "Tests/Sum.swift:14")
            ]
        ).encoded()
        return Commit(
            claim: task.claim, through: task.lastArrival, turn: turn.bytes,
            effects: [.startTimer(operation: operation, due: due)])
    }

    /// A turn that ends the run.
    static func completing(_ task: WorkflowTask, position: Int = 1, output: String = "3") -> Commit {
        let turn = Turn(
            firstCommand: position,
            commands: [Command(kind: .complete, location: "Tests/Sum.swift:20", payload: Array(output.utf8))]
        ).encoded()
        return Commit(claim: task.claim, through: task.lastArrival, turn: turn.bytes, closing: .completed)
    }
}

extension Player {
    /// A turn that ends the run with the result of its only activity, which was scheduled in the turn of a task.
    static func completing(_ task: WorkflowTask, with activity: ActivityTask, at time: Timestamp) -> ForeseenTurn {
        var commit = completing(task)
        commit.claim = WorkflowClaim(run: task.claim.run, epoch: 0, nonce: task.claim.nonce + "-foreseen")
        commit.through = task.lastArrival + 2
        return ForeseenTurn(
            completions: [ActivityCompletion(claim: activity.claim, result: .completed(Array("3".utf8)))],
            time: time, lastCommit: task.claim.nonce, commit: commit)
    }
}

extension WorkflowTask {
    /// The number of the newest arrival that came with it.
    var lastArrival: Int { history.last(where: \.isArrival)?.number ?? through }
}

extension StartRequest {
    /// A start of the workflow that the tests use.
    static func sum(
        _ id: String, queue: String = "main", type: String = "Sum", input: [UInt8] = Array(#"{"a":1,"b":2}"#.utf8),
        startAt: Timestamp? = nil
    ) -> StartRequest {
        StartRequest(
            requestID: UUID().uuidString, workflowID: id, queue: queue,
            record: StartRecord(type: type, version: "1", input: input), startAt: startAt)
    }
}

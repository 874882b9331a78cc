import Foundation
import Logging
import RedisClient
import Reprise
import RepriseRedis

/// A backend on a private Redis, and a worker that is played by hand.
final class Scene {
    let backend: RedisBackend
    let meter: Meter
    let rounds: Int
    let worker = "bench"
    private var claims = 0

    init(_ url: String, rounds: Int) async throws {
        let quiet = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        backend = try RedisBackend(url: url, namespace: "bench", logger: quiet)
        meter = Meter(RedisClient(configuration: try RedisConfiguration(url: url), logger: quiet))
        self.rounds = rounds
        try await register(worker)
        _ = try await claim(0, 0)
    }

    func close() async {
        await backend.shutdown()
        await meter.redis.shutdown()
    }

    func measure(_ situation: String, _ body: (Int) async throws -> () async throws -> Void) async throws {
        try await meter.measure(situation, rounds: rounds, body)
    }

    // MARK: Clients

    @discardableResult
    func start(_ id: String) async throws -> RunID {
        try await backend.start(
            StartRequest(
                requestID: UUID().uuidString, workflowID: id, queue: "main",
                record: StartRecord(type: "Order", version: "1", input: Array("{}".utf8))))
    }

    /// Signals a run, a hundred at a time.
    func signal(_ id: String, _ count: Int) async throws {
        for start in stride(from: 0, to: count, by: 100) {
            try await withThrowingTaskGroup(of: Void.self) { [backend] group in
                for index in start..<min(start + 100, count) {
                    group.addTask {
                        let record = SignalRecord(id: "signal-\(index)", name: "note", payload: Array("7".utf8))
                        _ = try await backend.signal(record, workflowID: id, runNumber: nil)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    func terminate(_ id: String) async throws {
        _ = try await backend.terminate(workflowID: id, runNumber: nil, reason: "enough")
    }

    // MARK: Workers

    func register(_ id: String, lease: Duration = .seconds(3600)) async throws {
        try await backend.register(
            WorkerRegistration(
                id: id, name: id, queue: "main", workflowTypes: ["Order"], activityNames: ["charge"], lease: lease))
    }

    func request(_ workflows: Int, _ activities: Int, worker: String? = nil) -> ClaimRequest {
        claims += 1
        let worker = worker ?? self.worker
        return ClaimRequest(
            id: "\(worker)-\(claims)", worker: worker, workflowSlots: workflows, activitySlots: activities)
    }

    func claim(_ workflows: Int, _ activities: Int, worker: String? = nil) async throws -> ClaimedWork {
        try await backend.claim(request(workflows, activities, worker: worker))
    }

    /// Claims a run, whatever else has to be done before.
    func take(_ id: String) async throws -> WorkflowTask {
        while true {
            guard var task = try await claim(1, 0).workflowTasks.first, task.claim.run.workflowID == id else {
                continue
            }
            while task.hasMore, let last = task.history.last {
                let page = try await backend.history(of: task.claim.run, after: last.number, limit: 1024)
                if page.isEmpty { break }
                task.history += page
            }
            return task
        }
    }

    /// Starts a run and claims it.
    func startAndTake(_ id: String) async throws -> WorkflowTask {
        try await start(id)
        return try await take(id)
    }

    /// Claims without room until nothing is left to do.
    func drain() async throws {
        while true {
            let work = try await claim(0, 0)
            guard let due = work.nextDue, due <= work.now else { return }
        }
    }

    /// Claims all activities, so many at a time, until none comes.
    @discardableResult
    func takeActivities(_ slots: Int, worker: String? = nil) async throws -> [ActivityTask] {
        var tasks: [ActivityTask] = []
        while true {
            let work = try await claim(0, slots, worker: worker)
            tasks += work.activityTasks
            guard let due = work.nextDue, due <= work.now else { return tasks }
        }
    }

    func commit(_ commit: Commit) async throws {
        guard try await backend.commit(commit, claiming: request(16, 0)).answer == .committed else {
            throw BackendError(.corrupt, "a commit was not taken")
        }
    }

    // MARK: Commits

    /// A turn of commands, each with the effect that is made from its operation and the place of its payload.
    func turn(
        _ task: WorkflowTask, _ commands: [Command], closing: RunState? = nil,
        _ effect: (Int, Range<Int>) -> Commit.Effect? = { _, _ in nil }
    ) -> Commit {
        let position = 100_000 * task.through
        let turn = Turn(firstCommand: position, commands: commands).encoded()
        let last = task.history.last(where: \.isArrival)?.number ?? task.through
        return Commit(
            claim: task.claim, through: last, turn: turn.bytes,
            effects: turn.payloads.enumerated().compactMap { effect(position + $0, $1) },
            closing: closing, result: closing == nil ? nil : turn.payloads.last)
    }

    func activities(
        _ task: WorkflowTask, _ count: Int, input: [UInt8] = Array(repeating: UInt8(ascii: "7"), count: 64)
    ) -> Commit {
        let command = Command(kind: .scheduleActivity, name: "charge", location: "A.swift:1", payload: input)
        return turn(task, Array(repeating: command, count: count)) { operation, range in
            .scheduleActivity(
                ScheduledActivity(
                    operation: operation, name: "charge", queue: "main", input: range,
                    timeouts: ActivityTimeouts(startToClose: .seconds(3600)), retry: .none))
        }
    }

    func timers(_ task: WorkflowTask, _ count: Int) -> Commit {
        let command = Command(kind: .startTimer, argument: 1 << 42, location: "A.swift:1")
        return turn(task, Array(repeating: command, count: count)) { operation, _ in
            .startTimer(operation: operation, due: Timestamp(milliseconds: 1 << 42))
        }
    }

    func children(_ task: WorkflowTask, _ count: Int, of parent: String) -> Commit {
        let record = StartRecord(type: "Order", version: "1", input: []).encoded()
        let command = Command(kind: .startChild, name: "Order", location: "A.swift:1", payload: record)
        return turn(task, Array(repeating: command, count: count)) { operation, range in
            .startChild(
                ScheduledChild(
                    operation: operation, workflowID: "\(parent)-\(operation)", type: "Order", version: "1",
                    queue: "main", record: range, parentClosePolicy: .terminate))
        }
    }

    func completion(_ task: WorkflowTask, result: [UInt8] = [1]) -> Commit {
        turn(task, [Command(kind: .complete, payload: result)], closing: .completed)
    }
}

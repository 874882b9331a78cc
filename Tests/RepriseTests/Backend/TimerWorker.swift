import Reprise

/// A worker without an engine. Its workflow waits for some timers, one after the other, and completes.
struct TimerWorker {
    private let backend: InMemoryBackend
    private let id: String
    private let task: Task<Void, any Error>

    init(
        on backend: InMemoryBackend, timers: Int, every period: Duration, lease: Duration = .seconds(60)
    ) async throws {
        let id = "w\(UInt32.random(in: 0 ... .max))"
        try await backend.register(
            WorkerRegistration(
                id: id, name: "timers", queue: "q", workflowTypes: ["Timers"], activityNames: [], lease: lease))
        self.backend = backend
        self.id = id
        task = Task {
            var claims = 0
            while !Task.isCancelled {
                claims += 1
                let request = ClaimRequest(id: "\(id)c\(claims)", worker: id, workflowSlots: 2, activitySlots: 0)
                let work = try await backend.claim(request)
                if work.isEmpty { try await backend.waitForWork(worker: id, until: work.nextDue) }
                for task in work.workflowTasks {
                    await Task.yield()
                    let commit = Self.advance(task, timers: timers, every: period)
                    _ = try await backend.commit(commit, claiming: nil)
                }
            }
        }
    }

    func startRun(_ workflowID: String, at time: Timestamp? = nil) async throws -> RunID {
        let record = StartRecord(type: "Timers", version: "", input: [])
        return try await backend.start(
            StartRequest(requestID: workflowID, workflowID: workflowID, queue: "q", record: record, startAt: time))
    }

    func stop() async {
        task.cancel()
        _ = await task.result
        try? await backend.unregister(worker: id)
    }

    private static func advance(_ task: WorkflowTask, timers: Int, every period: Duration) -> Commit {
        let last = task.history.last { $0.isArrival }!
        // The operation of the timer that fired says how far it is.
        let next = last.kind == .timerFired ? last.reference + 1 : 0
        if next >= timers {
            let turn = Turn(firstCommand: next, commands: [Command(kind: .complete)])
            return Commit(claim: task.claim, through: last.number, turn: turn.encoded().bytes, closing: .completed)
        }
        let due = last.time.advanced(by: period)
        let turn = Turn(firstCommand: next, commands: [Command(kind: .startTimer, argument: due.milliseconds)])
        return Commit(
            claim: task.claim, through: last.number, turn: turn.encoded().bytes,
            effects: [.startTimer(operation: next, due: due)])
    }
}

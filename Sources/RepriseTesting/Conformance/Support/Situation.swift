import Reprise

/// Where an open run is when a client does something to it.
enum Situation: String, CaseIterable {
    case delayedStart = "a delayed start"
    case delayedTurn = "delayed after a failed turn"
    case queued, leased, idle, blocked, paused

    /// The state it is described with.
    var state: RunState {
        switch self {
        case .delayedStart, .delayedTurn: .delayed
        case .queued: .queued
        case .leased: .leased
        case .idle: .idle
        case .blocked: .blocked
        case .paused: .paused
        }
    }
}

/// A run that was brought into a situation.
struct SituatedRun {
    let id: RunID
    let situation: Situation
    /// The task under which it is leased.
    let task: WorkflowTask?
}

extension BenchWorker {
    /// Brings a new run into a situation. If it was started, a timer in an hour and an activity in the queue `elsewhere`
    /// are open; if it is delayed, it is due in 50 ms, and then moved by the next claim.
    func run(_ situation: Situation) async throws -> SituatedRun {
        let now = try await now()
        if situation == .delayedStart {
            let run = try await bench.start(at: now.advanced(by: .milliseconds(50)))
            return SituatedRun(id: run, situation: situation, task: nil)
        }
        let run = try await bench.start()
        let answer = try await commit(
            takeRun(run), .timer(now.advanced(by: .seconds(3600))), .activity(queue: "elsewhere"))
        try expect(answer, is: .committed)
        var task: WorkflowTask?
        if [.delayedTurn, .queued, .leased, .blocked].contains(situation) { try await bench.signal(run, "before") }
        if [.delayedTurn, .leased, .blocked].contains(situation) { task = try await takeRun(run) }
        if let taken = task, situation != .leased {
            let disposition: WorkflowRelease.Disposition =
                situation == .blocked ? .block(reason: "stuck") : .retry(after: .milliseconds(50), reason: "again")
            try expect(try await release(taken, disposition), is: .released)
            task = nil
        }
        if situation == .paused { try await backend.pause(run) }
        try await bench.expect(run, is: situation.state)
        return SituatedRun(id: run, situation: situation, task: task)
    }

    /// Lets a run go on that something arrived for, and takes it.
    func takeNext(_ run: SituatedRun) async throws -> WorkflowTask {
        if let task = run.task { try expect(try await commit(task, from: 2), is: .committed) }
        switch run.situation {
        case .blocked: try await backend.unblock(run.id)
        case .paused: try await backend.resume(run.id)
        case .delayedStart, .delayedTurn: return try await awaitRun()
        case .queued, .leased, .idle: break
        }
        return try await takeRun(run.id)
    }

    /// Expects that neither this worker nor one of the queue `elsewhere` finds anything, now or later.
    func expectNothingLeft(fileID: String = #fileID, line: Int = #line) async throws {
        let elsewhere = try await bench.worker(queue: "elsewhere")
        for _ in 0..<2 {
            for worker in [self, elsewhere] {
                let work = try await worker.claim()
                if !work.isEmpty || !work.parked.isEmpty || work.nextDue != nil {
                    throw ConformanceFailure("something is left: \(work)", fileID: fileID, line: line)
                }
            }
            try await bench.advance(by: .milliseconds(100))
        }
    }
}

/// A run that waits for all sorts of things.
struct BusyRun {
    let id: RunID
    /// Operation 0, an activity that the worker runs.
    let running: ActivityTask
    /// Operation 1, an activity that failed and runs again in 50 ms.
    let failed: ActivityTask
}

extension BenchWorker {
    /// Makes a run that waits for two activities, for a third that is queued, and for a timer, operation 3, in 50 ms. The
    /// next claim moves it.
    func busyRun() async throws -> BusyRun {
        let run = try await bench.start()
        let retry = RetryPolicy.fixed(.milliseconds(50), jitter: 0)
        let due = try await now().advanced(by: .milliseconds(50))
        let answer = try await commit(
            takeRun(run), .activity(), .activity(retry: retry), .activity("other"), .timer(due))
        try expect(answer, is: .committed)
        let tasks = try await backend.claim(request(workflows: 0, activities: 2)).activityTasks
        try expect(tasks.count, is: 2, "the number of activities")
        guard case .retrying = try await fail(tasks[1]) else { throw ConformanceFailure("it isn't retried") }
        return BusyRun(id: run, running: tasks[0], failed: tasks[1])
    }

    /// Expects that all that a busy run waits for goes on, and is recorded.
    func expectAllGoesOn(_ run: BusyRun) async throws {
        let lost = try await backend.renew(worker: id, workflows: [], activities: [run.running.claim])
        try expect(lost, is: [], "what is lost")
        try expect(try await complete(run.running), is: .resolved)
        var names: [String] = []
        while names.count < 2 {
            let task = try await bench.eventually("an activity task") {
                try await claim(workflows: 0, activities: 1).activityTasks.first
            }
            names.append(task.name)
            try expect(try await complete(task), is: .resolved)
        }
        try expect(names.sorted(), is: ["charge", "other"], "the activities")
        let arrivals = try await bench.eventually("the timer") { () -> [HistoryEntry]? in
            _ = try await claim(workflows: 0, activities: 0)
            let history = try await bench.history(of: run.id)
            let arrivals = history.filter { $0.kind == .activityCompleted || $0.kind == .timerFired }
            return arrivals.count == 4 ? arrivals : nil
        }
        try expect(Set(arrivals.map(\.reference)), is: [0, 1, 2, 3], "the resolved operations")
    }
}

import Reprise
import Synchronization

/// A registered worker that a case moves by hand.
struct BenchWorker: Sendable {
    let bench: Bench
    var registration: WorkerRegistration

    var id: String { registration.id }
    var backend: any Backend { bench.backend }

    // MARK: Claiming

    func request(workflows: Int = 10, activities: Int = 10) -> ClaimRequest {
        ClaimRequest(
            id: "\(id)c\(bench.next())", worker: id, workflowSlots: workflows, activitySlots: activities)
    }

    func claim(workflows: Int = 10, activities: Int = 10) async throws -> ClaimedWork {
        let work = try await backend.claim(request(workflows: workflows, activities: activities))
        let claims = work.activityTasks.map(\.claim)
        if !claims.isEmpty { bench.taken.claims.withLock { $0[id, default: []] += claims } }
        return work
    }

    /// Claims, and expects nothing.
    func expectNothing(fileID: String = #fileID, line: Int = #line) async throws {
        let work = try await claim()
        if !work.isEmpty { throw ConformanceFailure("there is work: \(work)", fileID: fileID, line: line) }
    }

    /// Claims until no message is left, and nothing of what the ends of runs cancel; with room for a run, which then must
    /// have nothing to do, also until large turns are carried out.
    func finishPages(workflows: Int = 0) async throws {
        while true {
            let work = try await claim(workflows: workflows, activities: 0)
            guard let due = work.nextDue, due <= work.now else { return }
        }
    }

    /// The backend's clock, by a claim that takes nothing.
    func now() async throws -> Timestamp { try await claim(workflows: 0, activities: 0).now }

    /// Claims one workflow task, which must be there.
    @discardableResult
    func takeRun(_ run: RunID? = nil, fileID: String = #fileID, line: Int = #line) async throws -> WorkflowTask {
        let work = try await claim(workflows: 1, activities: 0)
        guard let task = work.workflowTasks.first, run == nil || task.claim.run == run else {
            throw ConformanceFailure("the workflow task is missing in \(work)", fileID: fileID, line: line)
        }
        return task
    }

    /// Starts a run and claims it.
    func startAndTake(_ workflowID: String = "order") async throws -> WorkflowTask {
        try await takeRun(bench.start(workflowID))
    }

    /// Claims one activity task, which must be there.
    func takeActivity(fileID: String = #fileID, line: Int = #line) async throws -> ActivityTask {
        let work = try await claim(workflows: 0, activities: 1)
        guard let task = work.activityTasks.first else {
            throw ConformanceFailure("the activity task is missing in \(work)", fileID: fileID, line: line)
        }
        return task
    }

    /// Claims until a workflow task is there.
    func awaitRun(fileID: String = #fileID, line: Int = #line) async throws -> WorkflowTask {
        try await bench.eventually("a workflow task", fileID: fileID, line: line) {
            try await claim(workflows: 1, activities: 0).workflowTasks.first
        }
    }

    /// Claims until an activity task is there.
    func awaitActivity(fileID: String = #fileID, line: Int = #line) async throws -> ActivityTask {
        try await bench.eventually("an activity task", fileID: fileID, line: line) {
            try await claim(workflows: 0, activities: 1).activityTasks.first
        }
    }

    /// Renews what it took, alive as it is: then a deadline of its attempts that has passed is a timeout.
    func showLife() async throws {
        let claims = bench.taken.claims.withLock { $0[id] ?? [] }
        _ = try await backend.renew(worker: id, workflows: [], activities: claims)
    }

    /// Lets time pass up to a point, alive and claiming, and expects no task before it and something at it.
    ///
    /// - Parameter found: what it is that comes.
    func expectAt<Value>(
        _ due: Timestamp, _ what: String, activities: Int = 10, fileID: String = #fileID, line: Int = #line,
        _ found: (ClaimedWork) -> Value?
    ) async throws -> Value {
        // Whether it is alive since.
        var wasDue = false
        return try await bench.eventually(what, fileID: fileID, line: line) {
            try await showLife()
            let work = try await claim(activities: activities)
            if let value = found(work) {
                let message = "\(what) comes at \(work.now.milliseconds), before \(due.milliseconds)"
                if work.now < due { throw ConformanceFailure(message, fileID: fileID, line: line) }
                return value
            }
            let message = "\(what) is due at \(due.milliseconds) and not there at \(work.now.milliseconds)"
            if wasDue { throw ConformanceFailure(message, fileID: fileID, line: line) }
            wasDue = work.now >= due
            return nil
        }
    }

    /// Waits for work, and expects that a call ends the wait.
    func expectWake(
        by what: String, fileID: String = #fileID, line: Int = #line, _ call: () async throws -> Void
    ) async throws {
        try await expectNothing(fileID: fileID, line: line)
        let wait = try await waitForWork()
        try await call()
        do {
            try await wait.value
        } catch let failure as ConformanceFailure {
            let message = "the worker is not woken by \(what): \(failure.message)"
            throw ConformanceFailure(message, fileID: fileID, line: line)
        }
    }

    /// Begins to wait for work. The task fails if it takes nearly as long as a wait without a cause.
    func waitForWork(
        until due: Timestamp? = nil, fileID: String = #fileID, line: Int = #line
    ) async throws -> Task<Void, any Error> {
        let wait = Task {
            try await bench.within(.seconds(4), fileID: fileID, line: line) {
                try await backend.waitForWork(worker: id, until: due)
            }
        }
        try await bench.letBegin()
        return wait
    }

    /// Claims nothing until no lease ends within ten seconds: a short one has been handed over.
    func awaitHandover(
        fileID: String = #fileID, line: Int = #line, _ meanwhile: () async throws -> Void = {}
    ) async throws {
        _ = try await bench.eventually("the handover", fileID: fileID, line: line) { () -> Bool? in
            try await meanwhile()
            let work = try await claim(workflows: 0, activities: 0)
            return work.nextDue.map { $0 > work.now.advanced(by: .seconds(10)) } ?? true ? true : nil
        }
    }

    // MARK: Workflow tasks

    /// Commits what a turn decided.
    ///
    /// - Parameter through: the last arrival that the turn had stepped; all that the task brought if it is left out.
    func commit(
        _ task: WorkflowTask, _ steps: Decision.Step..., through: Int? = nil, from position: Int = 0,
        regardless: Bool = false
    ) async throws -> CommitAnswer {
        try await backend.commit(
            commit(for: task, steps, through: through, from: position, regardless: regardless), claiming: nil
        ).answer
    }

    /// The commit of what a turn decided.
    func commit(
        for task: WorkflowTask, _ steps: [Decision.Step], through: Int? = nil, from position: Int = 0,
        regardless: Bool = false
    ) -> Commit {
        let last = task.history.last(where: \.isArrival)?.number ?? task.through
        return Decision(steps, from: position).commit(
            under: task.claim, through: through ?? last, regardless: regardless)
    }

    /// Takes a run through its first turn, which schedules one activity, and claims the activity.
    func scheduleAndTake(
        _ run: RunID, timeout: Duration = .seconds(60), retry: RetryPolicy = .none
    ) async throws -> ActivityTask {
        try await scheduleAndTake(run, timeouts: ActivityTimeouts(startToClose: timeout), retry: retry)
    }

    /// Takes a run through its first turn, which schedules one activity, and claims the activity.
    func scheduleAndTake(
        _ run: RunID, timeouts: ActivityTimeouts, retry: RetryPolicy = .none
    ) async throws -> ActivityTask {
        try await schedule(run, timeouts: timeouts, retry: retry)
        return try await takeActivity()
    }

    /// Takes a run through its first turn, which schedules one activity.
    func schedule(_ run: RunID, timeouts: ActivityTimeouts, retry: RetryPolicy = .none) async throws {
        let task = try await takeRun(run)
        try expect(try await commit(task, .activity(timeouts: timeouts, retry: retry)), is: .committed)
    }

    func release(_ task: WorkflowTask, _ disposition: WorkflowRelease.Disposition) async throws -> ReleaseAnswer {
        try await backend.release(WorkflowRelease(claim: task.claim, disposition: disposition))
    }

    // MARK: Activity tasks

    func complete(_ task: ActivityTask, _ output: [UInt8] = [1]) async throws -> ActivityCompletion.Answer {
        try await complete(task, with: .completed(output))
    }

    func complete(
        _ task: ActivityTask, with result: ActivityCompletion.Result
    ) async throws -> ActivityCompletion.Answer {
        try await backend.complete(ActivityCompletion(claim: task.claim, result: result), claiming: nil).answer
    }

    func fail(
        _ task: ActivityTask, type: String = "Declined", isRetryable: Bool = true, nextDelay: Duration? = nil
    ) async throws -> ActivityCompletion.Answer {
        let failure = FailureRecord(type: type, message: "no money")
        return try await complete(task, with: .failed(failure, isRetryable: isRetryable, nextDelay: nextDelay))
    }

    func heartbeat(_ task: ActivityTask, _ details: [UInt8]? = nil) async throws -> HeartbeatAnswer {
        try await backend.heartbeat(task.claim, details: details)
    }

    /// The failure of an activity that comes at a time, and no earlier. Takes no activities meanwhile.
    func expectFailure(
        at due: Timestamp, fileID: String = #fileID, line: Int = #line
    ) async throws -> FailureRecord {
        let task = try await expectAt(due, "the failure", activities: 0, fileID: fileID, line: line) {
            $0.workflowTasks.first
        }
        let entry = try require(task.history.last, "history", fileID: fileID, line: line)
        return try bench.failure(in: entry, fileID: fileID, line: line)
    }
}

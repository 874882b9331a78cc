import Reprise
import Testing

/// Time in the in-memory backend. What it does apart from that the conformance suite checks.
@Suite struct InMemoryTimeTests {
    static let start = Timestamp(milliseconds: 1_000_000)
    static let year = Duration.seconds(365 * 24 * 3600)

    @Test func `Advancing stops at each timer, and years pass in no time`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        let worker = try await TimerWorker(on: backend, timers: 36, every: .seconds(30 * 24 * 3600))
        let run = try await worker.startRun("subscription")
        await backend.advance(by: Self.year * 3)
        #expect(backend.now == Self.start.advanced(by: Self.year * 3))
        let history = try await backend.history(of: run, after: 0, limit: 1000)
        let fired = history.filter { $0.kind == .timerFired }.map(\.time)
        #expect(fired == (1...36).map { Self.start.advanced(by: .seconds($0 * 30 * 24 * 3600)) })
        #expect(try await backend.describe(workflowID: "subscription", runNumber: nil).state == .completed)
        #expect(backend.checkInvariants() == [])
        await worker.stop()
    }

    @Test func `Advancing ends at its target, quiet, and goes on from there`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        let worker = try await TimerWorker(on: backend, timers: 4, every: .seconds(100))
        let run = try await worker.startRun("run")
        for (seconds, fired) in [(99, 0), (1, 1), (50, 1), (50, 2), (1000, 4)] {
            await backend.advance(by: .seconds(seconds))
            let history = try await backend.history(of: run, after: 0, limit: 100)
            #expect(history.count { $0.kind == .timerFired } == fired)
            #expect(history.count { $0.kind == .turn } == fired + 1)
        }
        #expect(backend.now == Self.start.advanced(by: .seconds(1200)))
        await worker.stop()
    }

    @Test func `Many workers and runs all come to their ends`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        var workers: [TimerWorker] = []
        for _ in 0..<3 { workers.append(try await TimerWorker(on: backend, timers: 10, every: .seconds(60))) }
        for index in 0..<40 { _ = try await workers[0].startRun("run-\(index)") }
        await backend.advance(by: .seconds(600))
        for index in 0..<40 {
            #expect(try await backend.describe(workflowID: "run-\(index)", runNumber: nil).state == .completed)
        }
        #expect(backend.checkInvariants() == [])
        for worker in workers { await worker.stop() }
    }

    @Test func `Messages are delivered on the way, also if no worker comes for them`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        let worker = WorkerRegistration(
            id: "w", name: "", queue: "main", workflowTypes: ["Order"], activityNames: [], lease: .seconds(60))
        try await backend.register(worker)
        let record = StartRecord(type: "Order", version: "", input: [])
        _ = try await backend.start(
            StartRequest(requestID: "r", workflowID: "parent", queue: "main", record: record))
        let task = try #require(
            try await backend.claim(
                ClaimRequest(id: "c", worker: "w", workflowSlots: 1, activitySlots: 0)
            ).workflowTasks.first)
        let turn = Turn(firstCommand: 0, commands: [Command(kind: .startChild, payload: record.encoded())]).encoded()
        let child = ScheduledChild(
            operation: 0, workflowID: "child", type: "Order", version: "", queue: "main", record: turn.payloads[0],
            parentClosePolicy: .terminate)
        _ = try await backend.commit(
            Commit(claim: task.claim, through: 1, turn: turn.bytes, effects: [.startChild(child)]), claiming: nil)
        try await backend.unregister(worker: "w")
        await backend.advance(by: .seconds(1))
        #expect(try await backend.describe(workflowID: "child", runNumber: nil).state == .queued)
        #expect(backend.now == Self.start.advanced(by: .seconds(1)))
    }

    @Test func `Delayed starts begin at their time`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        let worker = try await TimerWorker(on: backend, timers: 0, every: .zero)
        let run = try await worker.startRun("later", at: Self.start.advanced(by: Self.year))
        await backend.advance(by: Self.year * 2)
        let history = try await backend.history(of: run, after: 0, limit: 10)
        #expect(history.map(\.kind) == [.scheduled, .started, .turn])
        #expect(history.map(\.time) == [0, 1, 1].map { Self.start.advanced(by: Self.year * $0) })
        await worker.stop()
    }

    @Test func `Advancing waits for what a worker holds`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        let registration = WorkerRegistration(
            id: "slow", name: "slow", queue: "q", workflowTypes: ["Timers"], activityNames: [], lease: .seconds(10))
        try await backend.register(registration)
        let request = StartRequest(
            requestID: "r", workflowID: "run", queue: "q", record: StartRecord(type: "Timers", version: "", input: []))
        _ = try await backend.start(request)
        let claim = ClaimRequest(id: "c1", worker: "slow", workflowSlots: 1, activitySlots: 1)
        let task = try #require(try await backend.claim(claim).workflowTasks.first)

        async let advance: Void = backend.advance(by: Self.year)
        // Nothing tells that somebody does not go on; a short look has to do.
        try await Task.sleep(for: .milliseconds(30))
        #expect(backend.now == Self.start)
        _ = try await backend.commit(Commit(claim: task.claim, through: 1), claiming: nil)
        try await Task.sleep(for: .milliseconds(10))
        #expect(backend.now == Self.start, "the worker doesn't wait for work yet")
        async let wait: Void = backend.waitForWork(worker: "slow", until: nil)
        await advance
        #expect(backend.now == Self.start.advanced(by: Self.year))
        try await backend.unregister(worker: "slow")
        try await wait
    }

    @Test func `Registrations last while the clock advances`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        let worker = try await TimerWorker(on: backend, timers: 1, every: Self.year, lease: .seconds(1))
        _ = try await worker.startRun("run")
        await backend.advance(by: Self.year * 2)
        #expect(try await backend.describe(workflowID: "run", runNumber: nil).state == .completed)
        #expect(backend.workerCount == 1)
        await worker.stop()
        #expect(backend.workerCount == 0)
    }

    @Test func `A jump reaches the timeout of a running activity, and the worker keeps its leases`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        try await backend.register(
            WorkerRegistration(
                id: "w", name: "w", queue: "q", workflowTypes: ["A"], activityNames: ["a"], lease: .seconds(10)))
        let record = StartRecord(type: "A", version: "", input: [])
        for id in ["one", "two"] {
            _ = try await backend.start(StartRequest(requestID: id, workflowID: id, queue: "q", record: record))
        }
        var claim = ClaimRequest(id: "c1", worker: "w", workflowSlots: 2, activitySlots: 2)
        let tasks = try await backend.claim(claim).workflowTasks
        let activity = ScheduledActivity(
            operation: 0, name: "a", queue: "q", input: 0..<0, timeouts: ActivityTimeouts(startToClose: .seconds(3600)),
            retry: .none)
        let commit = Commit(claim: tasks[0].claim, through: 1, turn: [], effects: [.scheduleActivity(activity)])
        claim.id = "c2"
        let work = try await backend.commit(commit, claiming: claim).work
        #expect(work?.activityTasks.count == 1)
        backend.jump(by: .seconds(3600), expiringLeases: false)
        claim.id = "c3"
        let next = try await backend.claim(claim)
        #expect(next.workflowTasks.map(\.claim.run.workflowID) == ["one"])
        #expect(next.workflowTasks.first?.history.last?.kind == .activityFailed)
        #expect(try await backend.renew(worker: "w", workflows: [tasks[1].claim], activities: []) == [])
        #expect(backend.checkInvariants() == [])
    }

    @Test
    func `Time passes for an attempt that goes on elsewhere, and the word of cancellations ends with the backend`()
        async throws
    {
        var backend: InMemoryBackend? = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        let told = try await backend!.cancellations(of: "w")
        let worker = WorkerRegistration(
            id: "w", name: "w", queue: "q", workflowTypes: ["A"], activityNames: ["a"], lease: .seconds(10))
        try await backend!.register(worker)
        let record = StartRecord(type: "A", version: "", input: [])
        let run = try await backend!.start(
            StartRequest(requestID: "r", workflowID: "id", queue: "q", record: record))
        var claim = ClaimRequest(id: "c1", worker: "w", workflowSlots: 1, activitySlots: 1)
        let task = try #require(try await backend!.claim(claim).workflowTasks.first)
        let activity = ScheduledActivity(
            operation: 0, name: "a", queue: "q", input: 0..<0, timeouts: ActivityTimeouts(startToClose: Self.year),
            retry: .none)
        let commit = Commit(claim: task.claim, through: 1, turn: [], effects: [.scheduleActivity(activity)])
        claim.id = "c2"
        let held = try #require(try await backend!.commit(commit, claiming: claim).work?.activityTasks.first)
        let later = ActivityCompletion(claim: held.claim, result: .later)
        #expect(try await backend!.complete(later, claiming: nil).answer == .pending)
        try await backend!.unregister(worker: "w")
        await backend!.advance(by: Self.year * 2)
        let last = try #require(try await backend!.history(of: run, after: 2, limit: 1).first)
        #expect(last.kind == .activityFailed)
        #expect(last.time == Self.start.advanced(by: Self.year))
        #expect(backend!.checkInvariants() == [])
        backend = nil
        for await cancellation in told { Issue.record("\(cancellation)") }
    }

    @Test func `Without workers the clock just moves, and what is due is recorded`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        let record = StartRecord(type: "A", version: "", input: [])
        let run = try await backend.start(
            StartRequest(
                requestID: "r", workflowID: "id", queue: "q", record: record,
                startAt: Self.start.advanced(by: .seconds(5))))
        await backend.advance(by: .seconds(60))
        #expect(backend.now == Self.start.advanced(by: .seconds(60)))
        let history = try await backend.history(of: run, after: 0, limit: 10)
        #expect(history.map(\.time) == [0, 5].map { Self.start.advanced(by: .seconds($0)) })
    }

    @Test(.timeLimit(.minutes(1))) func `Advancing is given up by cancelling its task`() async throws {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Self.start))
        try await backend.register(
            WorkerRegistration(
                id: "never", name: "", queue: "q", workflowTypes: [], activityNames: [], lease: .seconds(1)))
        let advance = Task { await backend.advance(by: .seconds(60)) }
        advance.cancel()
        await advance.value
        #expect(backend.now == Self.start)
    }

    @Test func `With the system clock timers wake a waiting worker, never before they are due`() async throws {
        let backend = InMemoryBackend()
        let worker = try await TimerWorker(on: backend, timers: 5, every: .milliseconds(40))
        let run = try await worker.startRun("run")
        _ = try await backend.wait(for: run, until: .closed)
        let history = try await backend.history(of: run, after: 0, limit: 100)
        for (turn, fired) in zip(history.filter { $0.kind == .turn }, history.filter { $0.kind == .timerFired }) {
            let due = try #require(Turn(decoding: turn.payload).commands.first?.argument)
            #expect(fired.time.milliseconds >= due)
        }
        await worker.stop()
    }
}

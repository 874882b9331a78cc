import RedisClient
import Reprise
import RepriseRedis
import Synchronization
import Testing

/// Many workers at once, some of which die.
@Suite(.serialized)
struct StressTests {
    @Test func `workers that die lose nothing and record nothing twice`() async throws {
        try await Site.with { site in
            let count = 200
            let other = try site.anotherBackend()
            let backends = [site.backend, other]
            var started: [RunID] = []
            for index in 0..<count { started.append(try await site.backend.start(.sum("run-\(index)"))) }
            let runs = started
            let end = Flag()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<4 {
                    group.addTask {
                        var life = 0
                        while !end.isUp {
                            life += 1
                            let worker = MortalWorker(
                                backend: backends[index % 2], id: "w\(index)x\(life)", lifespan: life < 6 ? 40 : .max)
                            try await worker.run(until: { end.isUp })
                        }
                    }
                }
                group.addTask {
                    // Somebody looks after what is blocked, and at the invariants.
                    while !end.isUp {
                        for run in runs {
                            let description = try await other.describe(workflowID: run.workflowID, runNumber: nil)
                            if description.state == .blocked { try await other.unblock(run) }
                        }
                        #expect(try await other.checkInvariants() == [])
                    }
                }
                for run in runs {
                    #expect(try await site.backend.wait(for: run, until: .closed).state == .completed)
                }
                end.raise()
                try await group.waitForAll()
            }
            for run in runs {
                let history = try await site.backend.history(of: run, after: 0, limit: 100)
                let operations = history.filter { $0.isArrival && $0.kind != .started }.map(\.reference).sorted()
                #expect(operations == [0, 1, 2, 3])
            }
            await other.shutdown()
        }
    }

    @Test func `a fan-out of 2,000 activities is scheduled, run and cancelled`() async throws {
        try await Site.with { site in
            let backend = site.backend
            let player = try await Player(backend)
            let run = try await backend.start(.sum("wide"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let (answer, work) = try await backend.commit(
                Player.scheduling(task, operations: 0..<2000), claiming: player.request(1, 1000))
            #expect(answer == .committed)
            #expect((work?.activityTasks.count ?? 0) >= 3)
            for task in work?.activityTasks.prefix(3) ?? [] {
                let completion = ActivityCompletion(claim: task.claim, result: .completed([1]))
                #expect(try await backend.complete(completion, claiming: nil).answer == .resolved)
            }
            let next = try #require(try await player.claim(1, 0).workflowTasks.first)
            #expect(try await backend.checkInvariants() == [])
            let commit = Player.completing(next, position: 2000)
            #expect(try await backend.commit(commit, claiming: nil).answer == .committed)
            #expect(try await backend.describe(workflowID: "wide", runNumber: run.number).state == .completed)
            // What is left in the queue means nothing, and goes.
            var left = 0
            repeat {
                #expect(try await player.claim(0, 1000).isEmpty)
                left = try await site.redis.send(["LLEN", "{test:0}:queue:a:main"]).asInt
            } while left > 0
        }
    }
}

/// Tells tasks to end.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isUp: Bool { value.load(ordering: .relaxed) }
    func raise() { value.store(true, ordering: .relaxed) }
}

/// Runs a workflow of three activities at once and a timer, until it dies.
private final class MortalWorker {
    let backend: RedisBackend
    let id: String
    /// How many calls it lives.
    var lifespan: Int
    private var claims = 0

    init(backend: RedisBackend, id: String, lifespan: Int) {
        self.backend = backend
        self.id = id
        self.lifespan = lifespan
    }

    private func request() -> ClaimRequest {
        claims += 1
        return ClaimRequest(id: "\(id)-\(claims)", worker: id, workflowSlots: 2, activitySlots: 2)
    }

    func run(until isDone: () -> Bool) async throws {
        let registration = WorkerRegistration(
            id: id, name: id, queue: "main", workflowTypes: ["Sum"], activityNames: ["add"], lease: .milliseconds(150))
        try await backend.register(registration)
        while !isDone(), lifespan > 0 {
            do {
                _ = try await backend.renew(worker: id, workflows: [], activities: [])
                let work = try await backend.claim(request())
                for task in work.workflowTasks { try await advance(task) }
                for task in work.activityTasks { try await perform(task) }
                if work.isEmpty {
                    let soon = work.now.advanced(by: .milliseconds(20))
                    try await backend.waitForWork(worker: id, until: min(work.nextDue ?? soon, soon))
                }
            } catch let error as BackendError where error.code == .workerNotRegistered {
                try await backend.register(registration)
            }
        }
        if isDone() { try await backend.unregister(worker: id) }
    }

    private func advance(_ task: WorkflowTask) async throws {
        lifespan -= 1
        guard lifespan > 0 else { return }
        let history = try await backend.history(of: task.claim.run, after: 0, limit: 100)
        let resolved = history.filter { $0.isArrival && $0.kind != .started }.count
        let last = history.last(where: \.isArrival)?.number ?? 0
        var commit = Commit(claim: task.claim, through: last)
        if !history.contains(where: { $0.kind == .turn }) {
            commit = Player.scheduling(task, operations: 0..<3)
            commit.through = last
            commit.effects.append(.startTimer(operation: 3, due: Timestamp(milliseconds: 5)))
        } else if resolved == 4 {
            commit = Player.completing(task, position: 4)
            commit.through = last
        }
        _ = try await backend.commit(commit, claiming: nil)
        // The reply may have been lost.
        if lifespan % 7 == 0 { _ = try await backend.commit(commit, claiming: nil) }
    }

    private func perform(_ task: ActivityTask) async throws {
        lifespan -= 1
        guard lifespan > 0 else { return }
        let completion = ActivityCompletion(claim: task.claim, result: .completed([1]))
        _ = try await backend.complete(completion, claiming: nil)
        if lifespan % 5 == 0 { _ = try await backend.complete(completion, claiming: nil) }
    }
}

import Reprise

extension BackendConformance {
    /// Short, and long enough for a few calls.
    private static let short = Duration.seconds(1)

    static let suspects: [ConformanceCase] = [
        ConformanceCase("A suspect is the only one on its worker, and is charged alone with its death") { bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            let tasks = try await bench.dieHolding(["one", "two", "three"], seenBy: watcher)
            try expect(tasks.map(\.deaths), is: [0, 0, 0], "deaths")
            try await bench.scheduled("fresh")

            let second = try await bench.worker(workflows: [], lease: short)
            let held = try bench.deaths(await second.claim())
            let suspects = held.keys.filter { $0 != "fresh" }
            try expect(suspects.count, is: 1, "the number of suspects")
            var expected = ["one": 1, "two": 1, "three": 1, "fresh": 0]
            try expect(held, is: expected.filter { held.keys.contains($0.key) }, "deaths")
            try await watcher.awaitHandover()

            // Its neighbours are not charged, whether they are fresh or suspects that wait.
            expected[suspects[0]] = 2
            var deaths: [String: Int] = [:]
            for _ in 0..<3 {
                let worker = try await bench.worker(workflows: [])
                deaths.merge(try bench.deaths(await worker.claim())) { first, _ in first }
            }
            try expect(deaths, is: expected, "deaths")
        },
        ConformanceCase("A suspect that kills three workers is blocked, and says how its attempt before failed") {
            bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            let run = try await bench.scheduled("poison", retry: .fixed(.zero, jitter: 0))
            _ = try await bench.worker().fail(bench.worker().takeActivity())
            for death in 0..<3 {
                let dead = try await bench.worker(build: "\(death)", lease: short)
                try expect(try await dead.awaitActivity().deaths, is: death, "deaths")
                try await watcher.awaitHandover()
            }
            let blockage = try require(await bench.describe(run).blockage, "the blockage")
            try expect(blockage.worker, is: watcher.registration.name, "the worker")
            try expect(blockage.build, is: "2", "the build")
            try expect(blockage.lastError, is: "Declined: no money", "the last error")
        },
        ConformanceCase("A run that kills three workers says how its turn before failed") { bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            let run = try await bench.start()
            let worker = try await bench.worker()
            _ = try await worker.release(worker.takeRun(run), .retry(after: .zero, reason: "it can't be read"))
            for death in 0..<3 {
                let dead = try await bench.worker(build: "\(death)", lease: short)
                try expect(try await dead.awaitRun().deaths, is: death, "deaths")
                try await watcher.awaitHandover()
            }
            let blockage = try require(await bench.describe(run).blockage, "the blockage")
            try expect(blockage.worker, is: watcher.registration.name, "the worker")
            try expect(blockage.build, is: "2", "the build")
            try expect(blockage.lastError, is: "it can't be read", "the last error")
        },
        ConformanceCase("A worker takes the next suspect when it has held the last for its share of a third of a lease")
        {
            bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            _ = try await bench.dieHolding(["one", "two", "three", "four"], seenBy: watcher)
            let worker = try await bench.worker(workflows: [], lease: .milliseconds(7200))
            var work = try await worker.claim()
            try expect(work.activityTasks.count, is: 1, "the number of suspects")
            for _ in 0..<3 {
                // Two seconds and four tenths, shared by four.
                let due = work.now.advanced(by: .milliseconds(600))
                try expect(work.nextDue, is: due, "when the next one is due")
                work = try await worker.expectAt(due, "the next suspect") { $0.activityTasks.count == 1 ? $0 : nil }
            }
            try await worker.expectNothing()
        },
        ConformanceCase("A worker takes the next suspect at once when the last one is over, and others take theirs") {
            bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            _ = try await bench.dieHolding(["one", "two", "three"], seenBy: watcher)
            let (first, other) = (try await bench.worker(workflows: []), try await bench.worker(workflows: []))
            let task = try require(await first.claim().activityTasks.first, "task")
            try await first.expectNothing()
            try expect(try await other.claim().activityTasks.map(\.deaths), is: [1], "deaths")
            try await other.expectNothing()
            _ = try await first.complete(task)
            try expect(try await first.claim().activityTasks.map(\.deaths), is: [1], "deaths")
        },
        ConformanceCase("What a worker has survived for a lease is not on trial any more") { bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            _ = try await bench.dieHolding(["suspect"], seenBy: watcher)
            try await bench.scheduled("fresh")
            let worker = try await bench.worker(workflows: [], lease: short)
            let claims = try await worker.claim().activityTasks.map(\.claim)
            try expect(claims.count, is: 2, "the number of tasks")
            for _ in 0..<12 {
                try await bench.advance(by: .milliseconds(100))
                try expect(try await bench.backend.renew(worker: worker.id, workflows: [], activities: claims), is: [])
            }
            try await watcher.awaitHandover()
            let heirs = [try await bench.worker(workflows: []), try await bench.worker(workflows: [])]
            var deaths: [String: Int] = [:]
            for heir in heirs { deaths.merge(try bench.deaths(await heir.claim())) { first, _ in first } }
            try expect(deaths, is: ["suspect": 2, "fresh": 1], "deaths")
        },
        ConformanceCase("A death that blocks a task counts for that alone") { bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            _ = try await bench.dieHolding(["one", "two"], seenBy: watcher)
            let second = try await bench.worker(workflows: [], lease: short)
            let poison = try await second.takeActivity().claim.run
            try await watcher.awaitHandover()

            let other = try await bench.worker(workflows: [])
            let held = try await other.takeActivity()
            try expect(held.claim.run, is: poison)
            try expect(held.deaths, is: 2, "deaths")
            let third = try await bench.worker(workflows: [], lease: .seconds(2))
            let neighbour = try await third.takeActivity()
            try expect(neighbour.deaths, is: 1, "deaths")
            try expect(try await bench.backend.release(held.claim), is: .released)
            try expect(try await third.awaitActivity().claim.run, is: poison)
            try await watcher.awaitHandover()
            try await bench.expect(poison, is: .blocked)
            try expect(try await bench.worker(workflows: []).claim().activityTasks.map(\.deaths), is: [1], "deaths")
        },
        ConformanceCase("A task that the next death would block is the only suspect for a lease") { bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            _ = try await bench.dieHolding(["one", "two"], seenBy: watcher)
            // Both on trial with one worker.
            let second = try await bench.worker(workflows: [], lease: short)
            _ = try await second.takeActivity()
            _ = try await second.awaitActivity()
            try await watcher.awaitHandover()

            let worker = try await bench.worker(workflows: [], lease: .seconds(6))
            let work = try await worker.claim()
            let first = try require(work.activityTasks.first, "task")
            try expect(work.activityTasks.map(\.deaths), is: [2], "deaths")
            try expect(work.nextDue, is: work.now.advanced(by: .seconds(6)), "when the next one is due")
            try await bench.scheduled("fresh")
            try expect(try bench.deaths(await worker.claim()), is: ["fresh": 0], "deaths")
            try expect(try await worker.complete(first), is: .resolved)
            try expect(try await worker.claim().activityTasks.map(\.deaths), is: [2], "deaths")
        },
    ]
}

extension Bench {
    /// Starts a run whose first turn schedules an activity.
    @discardableResult
    fileprivate func scheduled(_ workflowID: String, retry: RetryPolicy = .none) async throws -> RunID {
        let scheduler = try await worker(activities: [])
        let task = try await scheduler.startAndTake(workflowID)
        _ = try await scheduler.commit(task, .activity(retry: retry))
        try await backend.unregister(worker: scheduler.id)
        return task.claim.run
    }

    /// Schedules an activity each, lets a worker die that holds them all, and waits until they are handed over.
    @discardableResult
    fileprivate func dieHolding(
        _ workflowIDs: [String], seenBy watcher: BenchWorker
    ) async throws -> [ActivityTask] {
        for id in workflowIDs { try await scheduled(id) }
        let dead = try await worker(workflows: [], lease: .seconds(1))
        let tasks = try await dead.claim().activityTasks
        if tasks.count != workflowIDs.count { throw ConformanceFailure("not all of \(workflowIDs) in \(tasks)") }
        try await watcher.awaitHandover()
        return tasks
    }

    /// The deaths of the activities that were taken, by workflow id.
    fileprivate func deaths(_ work: ClaimedWork) throws -> [String: Int] {
        Dictionary(work.activityTasks.map { ($0.claim.run.workflowID, $0.deaths) }) { first, _ in first }
    }
}

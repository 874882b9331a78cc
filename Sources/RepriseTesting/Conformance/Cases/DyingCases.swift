import Reprise

extension BackendConformance {
    /// Short, and long enough for a few calls.
    private static let short = Duration.seconds(1)

    static let dying: [ConformanceCase] = [
        ConformanceCase("A run that three workers died with is blocked, and unblocked by hand") { bench in
            let alive = try await bench.worker(workflows: [])
            let run = try await bench.start()
            for death in 0..<3 {
                let dead = try await bench.worker(build: "1", lease: short)
                let task = try await dead.takeRun(run)
                try expect(task.deaths, is: death, "deaths")
                try await alive.awaitHandover()
            }
            let description = try await bench.describe(run)
            try expect(description.state, is: .blocked)
            try expect(description.reason, is: "3 workers in a row died while they held it", "the reason")
            try expect(description.turnFailures, is: 0, "turnFailures")
            let worker = try await bench.worker(build: "1")
            try await worker.expectNothing()
            for _ in 0..<2 { try await bench.backend.unblock(run) }
            let task = try await worker.takeRun(run)
            try expect(task.deaths, is: 0, "deaths")
            try await worker.expectNothing()
            try expect(try await bench.describe(run).reason == nil, "there is still a reason")
        },
        ConformanceCase("A commit ends a row of deaths") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let dead = try await bench.worker(lease: short)
            _ = try await dead.takeRun(run)
            let task = try await worker.awaitRun()
            try expect(task.deaths, is: 1, "deaths")
            try expect(try await worker.release(task, .handBack), is: .released)
            let again = try await worker.takeRun(run)
            try expect(again.deaths, is: 1, "deaths")
            try expect(try await worker.commit(again), is: .committed)
            try await bench.signal(run, "s")
            try expect(try await worker.takeRun(run).deaths, is: 0, "deaths")
        },
        ConformanceCase("A completion ends a row of deaths of an activity") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let dead = try await bench.worker(lease: short)
            _ = try await dead.scheduleAndTake(run, retry: .fixed(.milliseconds(10), jitter: 0))
            let second = try await worker.awaitActivity()
            try expect(second.deaths, is: 1, "deaths")
            _ = try await worker.fail(second)
            try expect(try await worker.awaitActivity().deaths, is: 0, "deaths")
        },
        ConformanceCase("An activity that three workers died with blocks its run, until that is unblocked") { bench in
            let alive = try await bench.worker(activities: [])
            let run = try await bench.start()
            try expect(try await alive.commit(alive.takeRun(run), .activity(), .activity("other")), is: .committed)
            for death in 0..<3 {
                let dead = try await bench.worker(workflows: [], build: "1", lease: short)
                let task = try await dead.takeActivity()
                try expect(task.deaths, is: death, "deaths")
                try await alive.awaitHandover()
            }
            let description = try await bench.describe(run)
            try expect(description.state, is: .blocked)
            let reason = "3 workers in a row died while they ran activity “charge” (operation 0)"
            try expect(description.reason, is: reason, "the reason")

            // What else happens to the run is recorded, and doesn't wake it.
            let other = try await bench.worker(workflows: [], activities: ["charge", "other"])
            let rest = try await other.claim().activityTasks
            try expect(rest.map(\.name), is: ["other"], "the activities")
            try expect(try await other.complete(rest[0]), is: .resolved)
            try await alive.expectNothing()
            try await bench.expect(run, is: .blocked)

            try await bench.backend.unblock(run)
            try await bench.expect(run, is: .queued)
            let again = try await other.takeActivity()
            try expect(again.deaths, is: 0, "deaths")
            try expect(again.claim.operation, is: 0, "the operation")
            try expect(try await other.complete(again), is: .resolved)
            let task = try await alive.takeRun(run)
            try expect(task.history.map(\.kind), is: [.activityCompleted, .activityCompleted])
        },
        ConformanceCase("An activity that is blocked while its run is leased blocks it at the commit") { bench in
            let alive = try await bench.worker(activities: [])
            let run = try await bench.start()
            try expect(try await alive.commit(alive.takeRun(run), .activity()), is: .committed)
            try await bench.signal(run, "s")
            let task = try await alive.takeRun(run)
            for _ in 0..<3 {
                let dead = try await bench.worker(workflows: [], lease: short)
                _ = try await dead.takeActivity()
                try await alive.awaitHandover()
            }
            try await bench.expect(run, is: .leased)
            try expect(try await alive.commit(task), is: .committed)
            try await bench.expect(run, is: .blocked)
            try await bench.backend.unblock(run)
            try await bench.expect(run, is: .idle)
        },
    ]
}

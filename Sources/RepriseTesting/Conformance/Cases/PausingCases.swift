import Reprise

extension BackendConformance {
    /// Short, and long enough for a few calls.
    private static let short = Duration.seconds(1)

    static let pausing: [ConformanceCase] = [
        ConformanceCase("A delayed start that is paused becomes due, and then waits") { bench in
            let worker = try await bench.worker()
            let run = try await worker.run(.delayedStart).id
            try await bench.pauseTwice(run)
            try await bench.expect(run, is: .delayed)
            try await worker.expectPausedEventually(run)
            try await bench.expect(history: [.scheduled, .started], of: run)
            try await bench.resumeTwice(run)
            try await bench.expect(run, is: .queued)
            _ = try await worker.takeRun(run)
        },
        ConformanceCase("A run that is paused while it is delayed after a failed turn waits when it is due") { bench in
            let worker = try await bench.worker()
            let run = try await worker.run(.delayedTurn).id
            try await bench.pauseTwice(run)
            try await bench.expect(run, is: .delayed)
            try await worker.expectPausedEventually(run)
            try await bench.resumeTwice(run)
            try expect(try await worker.takeRun(run).turnFailures, is: 1, "turnFailures")
        },
        ConformanceCase("A queued run that is paused leaves its queue, and comes back when it is resumed") { bench in
            let worker = try await bench.worker()
            let run = try await worker.run(.queued).id
            let others = [try await bench.start("one"), try await bench.start("two")]
            try await bench.pauseTwice(run)
            try await bench.expect(run, is: .paused)
            _ = try await worker.takeRun(others[0])
            try await bench.resumeTwice(run)
            try await bench.expect(run, is: .queued)
            // It is the last one now.
            _ = try await worker.takeRun(others[1])
            _ = try await worker.takeRun(run)
            try await worker.expectNothing()
        },
        ConformanceCase("A turn in progress of a paused run is committed, and then the run waits") { bench in
            let worker = try await bench.worker()
            let run = try await worker.run(.leased)
            let task = try require(run.task, "task")
            try await bench.pauseTwice(run.id)
            try await bench.expect(run.id, is: .leased)
            let lost = try await bench.backend.renew(worker: worker.id, workflows: [task.claim], activities: [])
            try expect(lost, is: [], "what is lost")
            try expect(try await worker.commit(task, .activity(), from: 2), is: .committed)
            try await bench.expect(run.id, is: .paused)
            let activity = try await worker.takeActivity()
            try expect(try await worker.complete(activity), is: .resolved)
            try await worker.expectNothing()
            try await bench.resumeTwice(run.id)
            _ = try await worker.takeRun(run.id)
        },
        ConformanceCase("A turn in progress of a paused run can close it") { bench in
            let worker = try await bench.worker()
            let task = try await worker.startAndTake()
            try await bench.backend.pause(task.claim.run)
            try expect(try await worker.commit(task, .complete([1])), is: .committed)
            try await bench.expect(task.claim.run, is: .completed)
        },
        ConformanceCase("A claim of a paused run that ends in another way leaves it paused") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            func expectPaused(_ end: (WorkflowTask) async throws -> Void) async throws {
                let task = try await worker.takeRun(run)
                try await bench.backend.pause(run)
                try await end(task)
                try await worker.expectPausedEventually(run)
                try await bench.backend.resume(run)
            }
            try await expectPaused { _ = try await worker.release($0, .handBack) }
            try await expectPaused { _ = try await worker.release($0, .retry(after: .milliseconds(20), reason: "r")) }
            try await expectPaused { _ in try await bench.backend.recover(worker: worker.id, keeping: []) }
            let dead = try await bench.worker(lease: short)
            _ = try await dead.takeRun(run)
            try await bench.backend.pause(run)
            try await worker.expectPausedEventually(run)
            try await bench.backend.resume(run)
            try expect(try await worker.takeRun(run).deaths, is: 1, "deaths")
        },
        ConformanceCase("An idle run that is paused records what arrives, and waits") { bench in
            let worker = try await bench.worker()
            let run = try await worker.run(.idle).id
            try await bench.pauseTwice(run)
            try await bench.expect(run, is: .paused)
            try await bench.resumeTwice(run)
            try await bench.expect(run, is: .idle)

            try await bench.backend.pause(run)
            for index in 0..<3 { try await bench.signal(run, "\(index)") }
            try await worker.expectNothing()
            try await bench.expect(run, is: .paused)
            try await bench.resumeTwice(run)
            let task = try await worker.takeRun(run)
            try expect(task.history.filter { $0.kind == .signalled }.count, is: 3, "the number of signals")
            try await worker.expectNothing()
        },
        ConformanceCase("A blocked run that is paused stays blocked, and is paused when it is unblocked") { bench in
            let worker = try await bench.worker()
            let run = try await worker.run(.blocked).id
            var expected = try await bench.describe(run)
            expected.isPaused = true
            try await bench.pauseTwice(run)
            try expect(try await bench.describe(run), is: expected, "the description")
            try await bench.backend.unblock(run)
            try await bench.expect(run, is: .paused)
            try await worker.expectNothing()
            try await bench.resumeTwice(run)
            _ = try await worker.takeRun(run)
        },
        ConformanceCase("A blocked run that is resumed before it is unblocked is queued then") { bench in
            let worker = try await bench.worker(build: "1")
            let run = try await worker.run(.blocked).id
            try await bench.backend.pause(run)
            try await bench.resumeTwice(run)
            try await bench.expect(run, is: .blocked)
            _ = try await bench.worker(build: "2")
            try await bench.expect(run, is: .queued)
        },
        ConformanceCase("A paused run that another build unblocks stays paused") { bench in
            let worker = try await bench.worker(build: "1")
            let run = try await worker.run(.blocked).id
            try await bench.backend.pause(run)
            let other = try await bench.worker(build: "2")
            try await bench.expect(run, is: .paused)
            try await other.expectNothing()
        },
        ConformanceCase("A delayed run or one in a turn that is resumed in time goes on as if it had not been paused") {
            bench in
            let worker = try await bench.worker()
            let delayed = try await worker.run(.delayedStart).id
            let other = try await bench.start("other")
            let task = try await worker.takeRun(other)
            for run in [delayed, other] {
                try await bench.backend.pause(run)
                try await bench.resumeTwice(run)
            }
            try await bench.signal(other, "s")
            try expect(try await worker.commit(task), is: .committed)
            try await bench.expect(other, is: .queued)
            try expect(
                Set([try await worker.awaitRun().claim.run, try await worker.awaitRun().claim.run]),
                is: [delayed, other])
        },
        ConformanceCase("Resuming a run that isn't paused changes nothing") { bench in
            let worker = try await bench.worker()
            for situation in Situation.allCases where situation != .paused {
                let run = try await worker.run(situation).id
                let before = try await bench.describe(run)
                try await bench.backend.resume(run)
                try expect(try await bench.describe(run), is: before, "the description")
                try await bench.terminate(run)
            }
        },
        ConformanceCase("A closed or unknown run can't be paused or resumed") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .complete([])), is: .committed)
            let before = try await bench.describe(run)
            for run in [
                run, RunID(workflowID: "order", number: run.number + 1), RunID(workflowID: "a", number: run.number),
            ] {
                let code = run == before.run ? BackendError.Code.runClosed : .runNotFound
                try await expect(code) { try await bench.backend.pause(run) }
                try await expect(code) { try await bench.backend.resume(run) }
            }
            try expect(try await bench.describe(run), is: before, "the description")
        },
        ConformanceCase("Timers and activities of a paused run go on, and it sees all of it when it is resumed") {
            bench in
            let worker = try await bench.worker(activities: ["charge", "other"])
            let run = try await worker.busyRun()
            try await bench.backend.pause(run.id)
            try await bench.signal(run.id, "late")
            try await worker.expectAllGoesOn(run)
            try await worker.expectNothing()
            try await bench.expect(run.id, is: .paused)
            try await bench.backend.resume(run.id)
            let task = try await worker.takeRun(run.id)
            try expect(task.history.filter(\.isArrival).count, is: 5, "the number of arrivals")
        },
        ConformanceCase("An activity that three workers died with blocks its paused run") { bench in
            let worker = try await bench.worker(activities: [])
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .activity()), is: .committed)
            try await bench.backend.pause(run)
            for _ in 0..<3 {
                let dead = try await bench.worker(workflows: [], lease: short)
                _ = try await dead.takeActivity()
                try await worker.awaitHandover()
            }
            try await bench.expect(run, is: .blocked)
            try await bench.backend.unblock(run)
            try await bench.expect(run, is: .paused)
            try await bench.backend.resume(run)
            try await bench.expect(run, is: .idle)
        },
        ConformanceCase("A run that was paused and resumed many times is claimed once") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            for _ in 0..<5 {
                try await bench.backend.pause(run)
                try await bench.backend.resume(run)
            }
            let task = try await worker.takeRun(run)
            try await worker.expectNothing()
            try await bench.signal(run, "s")
            try expect(try await worker.commit(task), is: .committed)
            try expect(try await worker.claim().workflowTasks.map(\.claim.epoch), is: [2], "the epochs")
        },
        ConformanceCase("A parked run that is paused doesn't come back before it is resumed") { bench in
            let worker = try await bench.worker(workflows: ["Other"])
            let run = try await bench.start()
            try expect(try await worker.claim().parked.map(\.run), is: [run], "what is parked")
            try await bench.backend.pause(run)
            let able = try await bench.worker()
            try await able.expectNothing()
            try await bench.backend.resume(run)
            _ = try await able.takeRun(run)
            try await able.expectNothing()
        },
        ConformanceCase("A run that workers died with is paused, and resumed, as any other") { bench in
            for deaths in 1...2 {
                let queue = "\(deaths)"
                let alive = try await bench.worker(queue: queue, workflows: [])
                let runs = Set([
                    try await bench.start("one \(queue)", queue: queue),
                    try await bench.start("two \(queue)", queue: queue),
                ])
                for _ in 0..<deaths {
                    let dead = try await bench.worker(queue: queue, lease: short)
                    var count = 0
                    try await bench.eventually("both") { () -> Bool? in
                        count += try await dead.claim().workflowTasks.count
                        return count == 2 ? true : nil
                    }
                    try await alive.awaitHandover()
                }
                // A worker takes one of them only; the other one is set aside.
                let worker = try await bench.worker(queue: queue)
                let taken = try await worker.claim().workflowTasks.map(\.claim.run)
                try expect(taken.count, is: 1, "the number of tasks")
                let left = try require(runs.subtracting(taken).first, "run left")
                try await bench.backend.pause(left)
                let other = try await bench.worker(queue: queue)
                try await other.expectNothing()
                try await bench.backend.resume(left)
                try expect(try await other.takeRun(left).deaths, is: deaths, "deaths")
                try await other.expectNothing()
                for worker in [worker, other] { try await bench.backend.unregister(worker: worker.id) }
            }
        },
        ConformanceCase("Resuming wakes a worker") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try await bench.backend.pause(run)
            try await worker.expectWake(by: "a resumption") { try await bench.backend.resume(run) }
            _ = try await worker.takeRun(run)
        },
        ConformanceCase("A wait for a change is pushed a pause and a resumption, a wait for the end goes on") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let closed = try await bench.wait(for: run, until: .closed)
            for (state, call) in [(RunState.paused, bench.backend.pause), (.queued, bench.backend.resume)] {
                let change = try await bench.wait(for: run, until: .changed(from: try await bench.describe(run)))
                try await call(run)
                try expect(try await change.value.state, is: state)
            }
            try expect(try await worker.commit(worker.takeRun(run), .complete([7])), is: .committed)
            try expect(try await closed.value.outcome, is: .completed([7]), "the outcome")
        },
    ]
}

extension Bench {
    /// A second pause changes nothing.
    fileprivate func pauseTwice(_ run: RunID) async throws {
        for _ in 0..<2 { try await backend.pause(run) }
    }

    /// A second resumption changes nothing.
    fileprivate func resumeTwice(_ run: RunID) async throws {
        for _ in 0..<2 { try await backend.resume(run) }
    }
}

extension BenchWorker {
    /// Claims, and expects nothing but that the run is paused at some time.
    fileprivate func expectPausedEventually(_ run: RunID) async throws {
        try await bench.eventually("the pause") { () -> Bool? in
            try await expectNothing()
            return try await bench.describe(run).state == .paused ? true : nil
        }
    }
}

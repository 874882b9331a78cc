import Reprise

extension BackendConformance {
    /// Short, and long enough for a few calls.
    private static let short = Duration.seconds(1)

    static let expiring: [ConformanceCase] = [
        ConformanceCase("A lease that runs out is handed over, not before its time") { bench in
            let dead = try await bench.worker(lease: short)
            let alive = try await bench.worker()
            let run = try await bench.start()
            let work = try await dead.claim(workflows: 1, activities: 0)
            let old = try require(work.workflowTasks.first, "workflow task")
            try await bench.start("later")
            _ = try await alive.takeRun()
            let expiry = work.now.advanced(by: short)
            let new = try await bench.eventually("the handover") { () -> WorkflowTask? in
                let work = try await alive.claim()
                guard let task = work.workflowTasks.first else { return nil }
                try expect(work.now >= expiry, "it is handed over at \(work.now), before \(expiry)")
                return task
            }
            try expect(new.claim.run, is: run)
            try expect(new.claim.epoch > old.claim.epoch, "epochs \(old.claim) and \(new.claim)")
            try expect(new.deaths, is: 1, "deaths")
            try expect(try await dead.commit(old, .complete([])), is: .fenced)
            try expect(try await dead.release(old, .handBack), is: .fenced)
            try await expect(.workerNotRegistered) {
                try await bench.backend.renew(worker: dead.id, workflows: [old.claim], activities: [])
            }
            try expect(try await alive.commit(new), is: .committed)
            try await bench.expect(history: [.started], of: run)
        },
        ConformanceCase("An activity whose lease runs out is handed over, with the same attempt") { bench in
            let dead = try await bench.worker(lease: short)
            let alive = try await bench.worker()
            let run = try await bench.start()
            try expect(try await alive.commit(alive.takeRun(run), .activity()), is: .committed)
            let old = try await dead.takeActivity()
            let new = try await alive.awaitActivity()
            try expect(new.attempt, is: 1, "attempt")
            try expect(new.deliveries, is: 2, "deliveries")
            try expect(new.deaths, is: 1, "deaths")
            try expect(new.claim.operation, is: old.claim.operation, "the operation")
            try expect(try await dead.complete(old, [0]), is: .superseded)
            try expect(try await alive.complete(new, [1]), is: .resolved)
            try expect(try await bench.history(of: run)[2].payload, is: [1], "the payload")
        },
        ConformanceCase("What is handed over comes before what is queued") { bench in
            for isRegistered in [false, true] {
                let queue = "\(isRegistered)"
                let lost = try await bench.worker(queue: queue, lease: short)
                let alive = try await bench.worker(queue: queue)
                let run = try await bench.start("early \(queue)", queue: queue)
                let first = try await alive.takeRun(run)
                let answer = try await alive.commit(first, .activity(queue: queue), .activity(queue: queue))
                try expect(answer, is: .committed)
                let activity = try await lost.takeActivity()
                try await bench.signal(run, "s")
                _ = try await lost.takeRun(run)
                try await bench.start("late \(queue)", queue: queue)
                try await alive.awaitHandover {
                    if isRegistered { try await bench.backend.register(lost.registration) }
                }
                let handedOver = try await alive.takeRun(run)
                try expect(handedOver.deaths, is: isRegistered ? 0 : 1, "deaths")
                // A worker takes one task at a time that another one died with.
                let again = try await bench.worker(queue: queue).takeActivity()
                try expect(again.claim.operation, is: activity.claim.operation, "the operation")
                _ = try await bench.backend.unregister(worker: alive.id)
            }
        },
        ConformanceCase("A lease that runs out while its worker lives is handed over without a death") { bench in
            let deaf = try await bench.worker(lease: short)
            let alive = try await bench.worker()
            let run = try await bench.start()
            try expect(try await alive.commit(alive.takeRun(run), .activity()), is: .committed)
            _ = try await deaf.takeActivity()
            try await bench.signal(run, "s")
            _ = try await deaf.takeRun(run)
            var deaths: [Int] = []
            try await bench.eventually("the handover") { () -> Bool? in
                try await bench.backend.register(deaf.registration)
                let work = try await alive.claim()
                deaths += work.workflowTasks.map(\.deaths) + work.activityTasks.map(\.deaths)
                return deaths.count == 2 ? true : nil
            }
            try expect(deaths, is: [0, 0], "deaths")
        },
        ConformanceCase("A worker that comes late still holds what was not handed over") { bench in
            let worker = try await bench.worker(lease: short)
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .activity()), is: .committed)
            let activity = try await worker.takeActivity()
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            try await bench.advance(by: .milliseconds(1050))
            try expect(try await worker.complete(activity), is: .resolved)
            try expect(try await worker.commit(task, .complete([]), through: 4), is: .committed)
            try await bench.expect(run, is: .completed)
        },
        ConformanceCase("A worker that registers again after its registration ended renews what was not handed over") {
            bench in
            let worker = try await bench.worker(lease: short)
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .activity()), is: .committed)
            let activity = try await worker.takeActivity()
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            try await bench.advance(by: .milliseconds(1050))
            try await bench.backend.register(worker.registration)
            let lost = try await bench.backend.renew(
                worker: worker.id, workflows: [task.claim], activities: [activity.claim])
            try expect(lost, is: [], "what is lost")
            try await bench.advance(by: .milliseconds(500))
            try await worker.expectNothing()
            try expect(try await worker.complete(activity), is: .resolved)
            try expect(try await worker.commit(task, .complete([]), through: 4), is: .committed)
        },
        ConformanceCase("A waiting worker is woken for a lease that runs out") { bench in
            let dead = try await bench.worker(lease: short)
            let alive = try await bench.worker()
            let run = try await bench.start()
            _ = try await dead.takeRun(run)
            let wait = try await alive.waitForWork(until: alive.claim().nextDue)
            try await bench.advance(by: .milliseconds(1010))
            try await wait.value
            _ = try await alive.awaitRun()
        },
    ]
}

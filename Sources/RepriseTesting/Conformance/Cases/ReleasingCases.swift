import Reprise

extension BackendConformance {
    static let releasing: [ConformanceCase] = [
        ConformanceCase("A run that is handed back goes to the front of its queue, as if never claimed") { bench in
            let worker = try await bench.worker()
            let one = try await bench.start("one")
            try await bench.start("two")
            let task = try await worker.takeRun(one)
            for _ in 0..<3 { try expect(try await worker.release(task, .handBack), is: .released) }
            try await bench.expect(one, is: .queued)
            let again = try await worker.takeRun(one)
            try expect(again.turnFailures, is: 0, "turnFailures")
            try expect(again.deaths, is: 0, "deaths")
            try expect(again.claim.epoch > task.claim.epoch, "epochs \(task.claim) and \(again.claim)")
            try expect(try await worker.release(task, .handBack), is: .fenced)
            try await bench.expect(one, is: .leased)
            try expect(try await worker.claim().workflowTasks.count, is: 1, "the number of tasks")
        },
        ConformanceCase("A failed turn is tried again after its delay, and arrivals don't hurry it") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            var task = try await worker.takeRun(run)
            for round in 1...2 {
                let before = try await worker.now()
                for _ in 0..<2 {
                    let answer = try await worker.release(
                        task, .retry(after: .milliseconds(500), reason: "no \(round)"))
                    try expect(answer, is: .released)
                }
                let after = try await worker.now()
                let description = try await bench.describe(run)
                try expect(description.state, is: .delayed)
                try expect(description.turnFailures, is: round, "turnFailures")
                try expect(description.reason, is: "no \(round)", "the reason")
                let due = try require(description.dueAt, "dueAt")
                let bounds = before.advanced(by: .milliseconds(500))...after.advanced(by: .milliseconds(500))
                try expect(bounds.contains(due), "it is due at \(due), not in \(bounds)")
                try await bench.signal(run, "\(round)")
                task = try await worker.expectAt(due, "the next try") { $0.workflowTasks.first }
                try expect(task.turnFailures, is: round, "turnFailures")
            }
            try expect(task.history.map(\.kind), is: [.started, .signalled, .signalled])
            try expect(try await worker.commit(task), is: .committed)
            let description = try await bench.describe(run)
            try expect(description.turnFailures, is: 0, "turnFailures")
            try expect(description.reason == nil, "there is still a reason")
        },
        ConformanceCase("Completions and timers of a delayed run are recorded and don't hurry it") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let soon = try await worker.now().advanced(by: .milliseconds(30))
            try expect(try await worker.commit(worker.takeRun(run), .activity(), .timer(soon)), is: .committed)
            let activity = try await worker.takeActivity()
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            _ = try await worker.release(task, .retry(after: .milliseconds(600), reason: "r"))
            let due = try require(try await bench.describe(run).dueAt, "dueAt")
            try expect(try await worker.complete(activity), is: .resolved)
            let next = try await worker.expectAt(due, "the next try") { $0.workflowTasks.first }
            try expect(Set(next.history.map(\.kind)), is: [.signalled, .activityCompleted, .timerFired])
        },
        ConformanceCase("A release under another claim or for an unknown run is fenced") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            var claims = [task.claim, task.claim, task.claim, task.claim]
            claims[0].nonce += "x"
            claims[1].epoch += 1
            claims[2].run.number += 1000
            claims[3].run.workflowID = "other"
            for claim in claims {
                for disposition in [.handBack, .retry(after: .zero, reason: "r"), .block(reason: "r")]
                    as [WorkflowRelease.Disposition]
                {
                    let release = WorkflowRelease(claim: claim, disposition: disposition)
                    try expect(try await bench.backend.release(release), is: .fenced)
                }
            }
            let description = try await bench.describe(run)
            try expect(description.state, is: .leased)
            try expect(description.turnFailures, is: 0, "turnFailures")
        },
        ConformanceCase("A release of a claim that is over changes nothing") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            try expect(try await worker.commit(task), is: .committed)
            try expect(try await worker.release(task, .block(reason: "late")), is: .released)
            try await bench.expect(run, is: .idle)
            try expect(try await bench.describe(run).turnFailures, is: 0, "turnFailures")
            try await bench.signal(run, "s")
            let next = try await worker.takeRun(run)
            try await bench.backend.recover(worker: worker.id, keeping: [])
            try expect(try await worker.release(next, .retry(after: .seconds(9), reason: "late")), is: .released)
            try await bench.expect(run, is: .queued)
        },
        ConformanceCase("An activity that is handed back goes to the front, and its deliveries still count") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .activity(), .activity()), is: .committed)
            let nobody = ActivityClaim(run: run, operation: 1, nonce: "")
            try expect(try await bench.backend.release(nobody), is: .fenced)
            let task = try await worker.takeActivity()
            for _ in 0..<3 { try expect(try await bench.backend.release(task.claim), is: .released) }
            let again = try await worker.takeActivity()
            try expect(again.claim.operation, is: 0, "the operation")
            try expect(again.attempt, is: 1, "attempt")
            try expect(again.deliveries, is: 2, "deliveries")
            try expect(try await bench.backend.release(task.claim), is: .fenced)
            try expect(try await worker.complete(again), is: .resolved)
            try expect(try await bench.backend.release(again.claim), is: .fenced)
            try expect(try await worker.takeActivity().claim.operation, is: 1, "the operation")
        },
        ConformanceCase("A release of an activity claim that is over changes nothing") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run, retry: .fixed(.seconds(30), jitter: 0))
            let answer = try await worker.fail(activity)
            try expect(try await bench.backend.release(activity.claim), is: .released)
            try await worker.expectNothing()
            try expect(try await worker.fail(activity), is: answer)
            var unknown = activity.claim
            unknown.operation = 5
            try expect(try await bench.backend.release(unknown), is: .fenced)
            unknown = activity.claim
            unknown.run.number += 1000
            try expect(try await bench.backend.release(unknown), is: .fenced)
        },
    ]
}

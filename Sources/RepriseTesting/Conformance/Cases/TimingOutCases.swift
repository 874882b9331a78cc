import Reprise

extension BackendConformance {
    static let timingOut: [ConformanceCase] = [
        ConformanceCase("An attempt that outruns its timeout fails, and its late result is nothing") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run, timeout: .milliseconds(100))
            let task = try await worker.expectAt(activity.deadline, "the timeout") { $0.workflowTasks.first }
            let entry = try require(task.history.last, "history")
            try expect(entry.kind, is: .activityFailed)
            try expect(entry.reference, is: 0, "the operation")
            let failure = try FailureRecord(decoding: entry.payload)
            try expect(failure.type, is: ActivityTimeout.startToClose.rawValue, "the type")
            try expect(failure.message, is: "the attempt took longer than 100 ms", "the message")
            try expect(failure.attempts, is: 1, "attempts")
            try expect(failure.details == nil, "there are details")
            let lost = try await bench.backend.renew(worker: worker.id, workflows: [], activities: [activity.claim])
            try expect(lost, is: [activity.claim.nonce], "what is lost")
            try expect(try await worker.complete(activity), is: .resolved)
            try await bench.expect(history: [.started, .turn, .activityFailed], of: run)
        },
        ConformanceCase("An attempt that outruns its timeout is retried by its policy") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let retry = RetryPolicy.fixed(.seconds(1), attempts: 2, jitter: 0)
            let first = try await worker.scheduleAndTake(run, timeout: .milliseconds(60), retry: retry)
            let due = try await worker.expectAt(first.deadline, "the timeout") { work in
                // While it is leased the deadline is due next, after that the retry.
                work.nextDue.flatMap { $0 > first.deadline ? $0 : nil }
            }
            try expect(due >= first.deadline.advanced(by: .seconds(1)), "the retry is due at \(due)")
            // What comes late doesn't count, and is told that the activity runs again.
            try expect(try await worker.complete(first), is: .retrying(at: due))
            try expect(try await worker.fail(first), is: .retrying(at: due))
            try await bench.expect(history: [.started, .turn], of: run)
            let second = try await worker.expectAt(due, "the next attempt") { $0.activityTasks.first }
            try expect(second.attempt, is: 2, "attempt")
            try expect(second.deaths, is: 0, "deaths")
            try expect(try await worker.complete(first), is: .superseded)
            let task = try await worker.expectAt(second.deadline, "the end") { $0.workflowTasks.first }
            let failure = try FailureRecord(decoding: require(task.history.last, "history").payload)
            try expect(failure.type, is: ActivityTimeout.startToClose.rawValue, "the type")
            try expect(failure.attempts, is: 2, "attempts")
        },
        ConformanceCase("A timeout counts from the hand-out, and renewing the lease doesn't move it") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try expect(
                try await worker.commit(worker.takeRun(run), .activity(timeout: .milliseconds(200))), is: .committed)
            try await bench.advance(by: .milliseconds(50))
            let work = try await worker.claim()
            let activity = try require(work.activityTasks.first, "activity")
            try expect(activity.deadline, is: work.now.advanced(by: .milliseconds(200)), "the deadline")
            let task = try await worker.expectAt(activity.deadline, "the timeout") { work in
                work.workflowTasks.first
            }
            try expect(task.history.last?.kind, is: .activityFailed)
            let again = try await bench.start("again")
            let second = try await worker.scheduleAndTake(again, timeout: .milliseconds(200))
            let third = try await bench.eventually("the timeout") { () -> (WorkflowTask, Timestamp)? in
                _ = try await bench.backend.renew(worker: worker.id, workflows: [], activities: [second.claim])
                let work = try await worker.claim()
                return work.workflowTasks.first.map { ($0, work.now) }
            }
            try expect(third.1 >= second.deadline, "it timed out at \(third.1), before \(second.deadline)")
        },
        ConformanceCase("A timeout of a worker that is gone is a timeout, not a death") { bench in
            let dead = try await bench.worker(lease: .seconds(2))
            let alive = try await bench.worker()
            let run = try await bench.start()
            let activity = try await dead.scheduleAndTake(
                run, timeout: .milliseconds(100), retry: .fixed(.zero, jitter: 0))
            let next = try await alive.expectAt(activity.deadline, "the next attempt") { $0.activityTasks.first }
            try expect(next.attempt, is: 2, "attempt")
            try expect(next.deaths, is: 0, "deaths")
        },
    ]
}

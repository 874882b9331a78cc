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
                // While it is leased the deadline is due next, or, if that passed since the worker was heard of, the end of
                // the worker's lease; after that the retry.
                work.nextDue.flatMap { $0 > first.deadline && $0 < work.now.advanced(by: .seconds(30)) ? $0 : nil }
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
        ConformanceCase("An attempt that outruns its timeout waits for word of its worker, and then times out at once")
        {
            bench in
            let slow = try await bench.worker(lease: .seconds(4))
            let watcher = try await bench.worker(activities: [])
            let retry = RetryPolicy.fixed(.seconds(3600), jitter: 0)
            let activity = try await slow.scheduleAndTake(bench.start(), timeout: .milliseconds(100), retry: retry)
            let lapse = try await slow.now().advanced(by: .seconds(4))
            let due = try await watcher.expectAt(activity.deadline, "the wait for the worker") { work in
                work.nextDue.flatMap { $0 > activity.deadline ? $0 : nil }
            }
            try expect(due <= lapse, "the worker is waited for until \(due), and dead at \(lapse)")
            let gone = try await bench.backend.renew(worker: slow.id, workflows: [], activities: [activity.claim])
            try expect(gone, is: [], "what is lost")
            let work = try await watcher.claim()
            let next = try require(work.nextDue, "nextDue")
            try expect(next > work.now.advanced(by: .seconds(3000)), "the next attempt is due at \(next)")
            guard case .retrying = try await slow.complete(activity) else { throw ConformanceFailure("no timeout") }
        },
        ConformanceCase("Everything is in order while an attempt waits for word of its worker") { bench in
            let slow = try await bench.worker(lease: .seconds(60))
            let watcher = try await bench.worker(activities: [])
            let activity = try await slow.scheduleAndTake(bench.start(), timeout: .milliseconds(50))
            _ = try await watcher.expectAt(activity.deadline, "the wait for the worker") { work in
                work.nextDue.map { $0 > activity.deadline } == true ? true : nil
            }
        },
        ConformanceCase("What comes before there is word of the worker is in time") { bench in
            let slow = try await bench.worker(lease: .seconds(4))
            let watcher = try await bench.worker(activities: [])
            let activity = try await slow.scheduleAndTake(bench.start(), timeout: .milliseconds(100))
            _ = try await watcher.expectAt(activity.deadline, "the wait for the worker") { work in
                work.nextDue.map { $0 > activity.deadline } == true ? true : nil
            }
            try expect(try await slow.complete(activity), is: .resolved)
            try expect(try await watcher.takeRun().history.last?.kind, is: .activityCompleted)
        },
        ConformanceCase("A worker that dies before a timeout is a death, and its attempt is handed over") { bench in
            for timeouts in [
                ActivityTimeouts(startToClose: .milliseconds(100)),
                ActivityTimeouts(startToClose: .seconds(60), heartbeat: .milliseconds(100)),
            ] {
                let dead = try await bench.worker(lease: .seconds(1))
                let alive = try await bench.worker()
                let run = try await bench.start("\(timeouts)")
                let old = try await dead.scheduleAndTake(run, timeouts: timeouts)
                let new = try await alive.awaitActivity()
                try expect(new.claim.run, is: run)
                try expect(new.attempt, is: 1, "attempt")
                try expect(new.deaths, is: 1, "deaths")
                try expect(try await dead.complete(old), is: .superseded)
                try expect(try await alive.complete(new), is: .resolved)
                try await bench.expect(history: [.started, .turn, .activityCompleted], of: run)
                _ = try await alive.takeRun(run)
            }
        },
        ConformanceCase(
            "What kills its workers is blocked, however short its timeout is and however often it may be tried"
        ) {
            bench in
            let watcher = try await bench.worker(workflows: [], activities: [])
            let scheduler = try await bench.worker(activities: [])
            let run = try await bench.start()
            let timeouts = ActivityTimeouts(startToClose: .milliseconds(50))
            try await scheduler.schedule(run, timeouts: timeouts, retry: .fixed(.zero, jitter: 0))
            for death in 0..<3 {
                let dead = try await bench.worker(workflows: [], lease: .seconds(1))
                let task = try await dead.takeActivity()
                try expect(task.deaths, is: death, "deaths")
                try expect(task.attempt, is: 1, "attempt")
                try await watcher.awaitHandover()
            }
            try await bench.expect(run, is: .blocked)
        },
        ConformanceCase("Schedule-to-close doesn't wait for word of the worker") { bench in
            let silent = try await bench.worker(lease: .seconds(20))
            let watcher = try await bench.worker(activities: [])
            let limit = Duration.milliseconds(200)
            let timeouts = ActivityTimeouts(
                startToClose: .seconds(60), scheduleToClose: limit, heartbeat: .milliseconds(50))
            let activity = try await silent.scheduleAndTake(bench.start(), timeouts: timeouts)
            let failure = try await watcher.expectFailure(at: activity.deadline)
            try expect(failure.type, is: "ScheduleToCloseTimeout", "the type")
            try expect(failure.attempts, is: 1, "attempts")
        },
    ]
}

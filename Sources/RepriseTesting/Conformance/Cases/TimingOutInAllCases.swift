import Reprise

extension BackendConformance {
    /// Schedule-to-start and schedule-to-close.
    static let timingOutInAll: [ConformanceCase] = [
        ConformanceCase("An activity that no worker takes in time fails for good") { bench in
            let worker = try await bench.worker()
            let timeouts = ActivityTimeouts(scheduleToStart: .milliseconds(100))
            let run = try await bench.start()
            let before = try await worker.now()
            try await worker.schedule(run, timeouts: timeouts, retry: .fixed(.zero, jitter: 0))
            let due = try require(try await worker.claim(activities: 0).nextDue, "nextDue")
            try expect(due >= before.advanced(by: .milliseconds(100)), "it is due at \(due)")
            let failure = try await worker.expectFailure(at: due)
            let expected = FailureRecord(
                type: "ScheduleToStartTimeout", message: "no worker took it within 100 ms", attempts: 0)
            try expect(failure, is: expected)
            try await worker.expectNothing()
            try await bench.expect(history: [.started, .turn, .activityFailed], of: run)
        },
        ConformanceCase("A parked activity times out, too") { bench in
            let worker = try await bench.worker(activities: [])
            let run = try await bench.start()
            try await worker.schedule(run, timeouts: ActivityTimeouts(scheduleToStart: .milliseconds(100)))
            try expect(try await worker.claim().parked.map(\.type), is: ["charge"], "what is parked")
            try expect(try await worker.awaitRun().history.last?.kind, is: .activityFailed)
            try await bench.worker().expectNothing()
        },
        ConformanceCase("Schedule-to-start counts anew whenever the activity is queued, and not while it runs") {
            bench in
            let worker = try await bench.worker(lease: .seconds(3600))
            let limit = Duration.seconds(600)
            let timeouts = ActivityTimeouts(startToClose: .seconds(7200), scheduleToStart: limit)
            func expectDue(in seconds: Int64, _ call: () async throws -> Void) async throws {
                let before = try await worker.now()
                try await call()
                let work = try await worker.claim(workflows: 0, activities: 0)
                let due = try require(work.nextDue, "nextDue")
                let bounds = before.advanced(by: .seconds(seconds))...work.now.advanced(by: .seconds(seconds))
                try expect(bounds.contains(due), "nextDue is \(due), not in \(bounds)")
            }
            let run = try await bench.start()
            try await expectDue(in: 600) {
                try await worker.schedule(run, timeouts: timeouts, retry: .fixed(.zero, jitter: 0))
            }
            var activity: ActivityTask?
            try await expectDue(in: 3600) { activity = try await worker.takeActivity() }
            try await bench.advance(by: .milliseconds(20))
            let claim = try require(activity, "activity").claim
            try await expectDue(in: 600) { try expect(try await bench.backend.release(claim), is: .released) }
            activity = try await worker.takeActivity()
            try await expectDue(in: 600) { try await bench.backend.recover(worker: worker.id, keeping: []) }
            activity = try await worker.takeActivity()
            try await bench.advance(by: .milliseconds(20))
            try await expectDue(in: 600) {
                guard case .retrying = try await worker.fail(require(activity, "activity")) else {
                    throw ConformanceFailure("no retry")
                }
                _ = try await worker.now()
            }
        },
        ConformanceCase("Schedule-to-close spans all attempts, and names the last failure as its cause") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let before = try await worker.now()
            let limit = Duration.milliseconds(500)
            let first = try await worker.scheduleAndTake(
                run, timeouts: ActivityTimeouts(scheduleToClose: limit), retry: .fixed(.milliseconds(20), jitter: 0))
            let bounds = before.advanced(by: limit)...(try await worker.now()).advanced(by: limit)
            try expect(bounds.contains(first.deadline), "the deadline is \(first.deadline), not in \(bounds)")
            _ = try await worker.fail(first)
            let second = try await worker.awaitActivity()
            try expect(second.deadline, is: first.deadline, "the deadline")
            let failure = try await worker.expectFailure(at: first.deadline)
            let expected = FailureRecord(
                type: "ScheduleToCloseTimeout", message: "it was not done within 500 ms", attempts: 2,
                cause: FailureRecord(type: "Declined", message: "no money"))
            try expect(failure, is: expected)
            try expect(try await worker.complete(second), is: .resolved)
            try await worker.expectNothing()
        },
        ConformanceCase("A retry that would come too late is a schedule-to-close timeout at once") { bench in
            let worker = try await bench.worker()
            func expectTooLate(
                _ id: String, _ result: ActivityCompletion.Result, attempts: Int, cause: FailureRecord,
                after delay: Duration = .seconds(20)
            ) async throws {
                let run = try await bench.start(id)
                let activity = try await worker.scheduleAndTake(
                    run, timeouts: ActivityTimeouts(scheduleToClose: .seconds(20)), retry: .fixed(delay, jitter: 0))
                for _ in 0..<2 { try expect(try await worker.complete(activity, with: result), is: .resolved) }
                try await bench.expect(history: [.started, .turn, .activityFailed], of: run)
                let expected = FailureRecord(
                    type: "ScheduleToCloseTimeout", message: "it was not done within 20000 ms", attempts: attempts,
                    cause: cause)
                try expect(try await bench.lastFailure(of: run), is: expected)
                try expect(try await worker.takeRun(run).history.last?.kind, is: .activityFailed)
            }
            let thrown = FailureRecord(
                type: "Declined", message: "no “money” / \n", details: .init([0, 255, 7]),
                cause: FailureRecord(type: "Deeper", message: "\u{1F4B8}"))
            try await expectTooLate("policy", .failed(thrown, isRetryable: true), attempts: 1, cause: thrown)
            try await expectTooLate(
                "own", .failed(thrown, isRetryable: true, nextDelay: .seconds(21)), attempts: 1, cause: thrown,
                after: .zero)
            let asked = FailureRecord(type: "RetryActivity", message: "busy")
            try await expectTooLate("asked", .retry(after: .seconds(20), reason: "busy"), attempts: 0, cause: asked)
        },
        ConformanceCase("A timeout that can't be retried in time is a schedule-to-close timeout at once") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let timeouts = ActivityTimeouts(startToClose: .milliseconds(80), scheduleToClose: .seconds(20))
            let activity = try await worker.scheduleAndTake(run, timeouts: timeouts, retry: .fixed(.seconds(20)))
            // Jitter may bring the retry before the deadline.
            try expect(activity.attempt, is: 1, "attempt")
            let again = try await bench.start("again")
            let second = try await worker.scheduleAndTake(
                again, timeouts: timeouts, retry: .fixed(.seconds(20), jitter: 0))
            let failure = try await worker.expectFailure(at: second.deadline)
            let expected = FailureRecord(
                type: "ScheduleToCloseTimeout", message: "it was not done within 20000 ms", attempts: 1,
                cause: FailureRecord(type: "StartToCloseTimeout", message: "the attempt took longer than 80 ms"))
            try expect(failure, is: expected)
        },
        ConformanceCase("Of two deadlines that are the same schedule-to-close is named") { bench in
            let worker = try await bench.worker()
            let same = Duration.milliseconds(100)
            let timeouts = ActivityTimeouts(scheduleToStart: same, scheduleToClose: same)
            try await worker.schedule(bench.start("queued"), timeouts: timeouts)
            let due = try require(try await worker.claim(activities: 0).nextDue, "nextDue")
            let failure = try await worker.expectFailure(at: due)
            let message = "it was not done within 100 ms"
            try expect(
                failure, is: FailureRecord(type: "ScheduleToCloseTimeout", message: message, attempts: 0))

            let close = ActivityTimeouts(startToClose: .seconds(60), scheduleToClose: same, heartbeat: .seconds(60))
            let activity = try await worker.scheduleAndTake(bench.start("running"), timeouts: close)
            let other = try await worker.expectFailure(at: activity.deadline)
            try expect(other, is: FailureRecord(type: "ScheduleToCloseTimeout", message: message, attempts: 1))
        },
        ConformanceCase("A timeout of a type that the policy names is final") { bench in
            let worker = try await bench.worker()
            let retry = RetryPolicy.fixed(.zero, jitter: 0, nonRetryable: ["StartToCloseTimeout"])
            let activity = try await worker.scheduleAndTake(bench.start(), timeout: .milliseconds(60), retry: retry)
            let failure = try await worker.expectFailure(at: activity.deadline)
            try expect(failure.type, is: "StartToCloseTimeout", "the type")
            try expect(failure.attempts, is: 1, "attempts")
        },
        ConformanceCase("A blocked activity doesn't time out, and is under its old deadline when it is unblocked") {
            bench in
            let alive = try await bench.worker(activities: [])
            let run = try await bench.start()
            let timeouts = ActivityTimeouts(scheduleToStart: .seconds(60), scheduleToClose: .seconds(3))
            try await alive.schedule(run, timeouts: timeouts)
            var deadline: Timestamp?
            for _ in 0..<3 {
                let dead = try await bench.worker(workflows: [], lease: .milliseconds(400))
                let activity = try await dead.takeActivity()
                deadline = activity.deadline
                // Queued again, it is due at its deadline; blocked, not at all.
                _ = try await bench.eventually("the handover") { () -> Bool? in
                    let due = try await alive.claim(workflows: 0, activities: 0).nextDue
                    return due.map { $0 >= activity.deadline } ?? true ? true : nil
                }
            }
            try await bench.expect(run, is: .blocked)
            let end = try require(deadline, "deadline")
            _ = try await bench.eventually("the deadline") { () -> Bool? in
                try await alive.claim().now > end ? true : nil
            }
            try await bench.expect(history: [.started, .turn], of: run)
            try await bench.backend.unblock(run)
            let worker = try await bench.worker()
            let task = try require(try await worker.claim().workflowTasks.first, "task")
            try expect(task.history.last?.kind, is: .activityFailed)
            let failure = try await bench.lastFailure(of: run)
            try expect(failure.type, is: "ScheduleToCloseTimeout", "the type")
            try expect(failure.attempts, is: 0, "attempts")
            try await worker.expectNothing()
        },
        ConformanceCase("A queued activity with a deadline can be cancelled, and closing its run ends it") { bench in
            let worker = try await bench.worker()
            let timeouts = ActivityTimeouts(scheduleToStart: .seconds(5), scheduleToClose: .seconds(9))
            let run = try await bench.start()
            let steps = [Decision.Step.activity(timeouts: timeouts), .activity(timeouts: timeouts), .cancel(0)]
            let commit = try await worker.commit(for: worker.takeRun(run), steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            try await bench.signal(run, "s")
            try expect(try await worker.commit(worker.takeRun(run), .cancel(1), from: 3), is: .committed)
            try expect(try await worker.claim().nextDue == nil, "something is due")

            let closing = try await bench.start("closing")
            try await worker.schedule(closing, timeouts: timeouts)
            try await bench.signal(closing, "s")
            try expect(try await worker.commit(worker.takeRun(closing), .complete([]), from: 1), is: .committed)
            try expect(try await worker.claim().nextDue == nil, "something is due")
            try await worker.expectNothing()
        },
    ]
}

import Reprise

extension BackendConformance {
    static let completingLater: [ConformanceCase] = [
        ConformanceCase("An attempt that goes on elsewhere is completed by whoever has its nonce") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            for _ in 0..<3 { try expect(try await worker.complete(activity, with: .later), is: .pending) }
            // The worker is done with it.
            let lost = try await bench.backend.renew(worker: worker.id, workflows: [], activities: [activity.claim])
            try expect(lost, is: [activity.claim.nonce], "what is lost")
            try expect(try await bench.backend.release(activity.claim), is: .released)
            try await bench.backend.recover(worker: worker.id, keeping: [])
            try await worker.expectNothing()
            try await bench.backend.unregister(worker: worker.id)
            let other = try await bench.worker()
            try await other.expectNothing()
            try await bench.expect(run, is: .idle)

            var wrong = activity
            wrong.claim.nonce += "x"
            try expect(try await other.complete(wrong), is: .superseded)
            for _ in 0..<2 { try expect(try await other.complete(activity, [7]), is: .resolved) }
            try expect(try await other.complete(activity, with: .later), is: .resolved)
            let task = try await other.takeRun(run)
            try expect(task.history.map(\.kind), is: [.started, .turn, .activityCompleted])
            try expect(task.history.last?.payload, is: [7], "the output")
            try expect(try await other.claim(workflows: 0).nextDue.map { $0 > task.history[2].time } ?? true, "due")
        },
        ConformanceCase("A completion that comes before the worker lets go wins") { bench in
            let worker = try await bench.worker()
            let done = try await worker.scheduleAndTake(bench.start())
            try expect(try await worker.complete(done), is: .resolved)
            try expect(try await worker.complete(done, with: .later), is: .resolved)
            _ = try await worker.takeRun()
            let failed = try await worker.scheduleAndTake(
                bench.start("failed"), retry: .fixed(.seconds(30), jitter: 0))
            let answer = try await worker.fail(failed)
            try expect(try await worker.complete(failed, with: .later), is: answer)
        },
        ConformanceCase("An attempt that goes on elsewhere fails and is retried as any other") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            var activity = try await worker.scheduleAndTake(
                run, retry: .fixed(.milliseconds(30), attempts: 3, jitter: 0))
            for attempt in 1...2 {
                try expect(activity.attempt, is: attempt, "attempt")
                try expect(try await worker.complete(activity, with: .later), is: .pending)
                let answer = try await worker.fail(activity)
                guard case .retrying(let due) = answer else { throw ConformanceFailure("the answer is \(answer)") }
                try expect(try await worker.fail(activity), is: answer)
                let next = try await worker.expectAt(due, "the next attempt") { $0.activityTasks.first }
                try expect(try await worker.complete(activity, with: .later), is: .superseded)
                activity = next
            }
            try expect(try await worker.complete(activity, with: .later), is: .pending)
            let asked = try await worker.complete(activity, with: .retry(after: .zero, reason: "r"))
            guard case .retrying = asked else { throw ConformanceFailure("the answer is \(asked)") }
            activity = try await worker.awaitActivity()
            try expect(try await worker.complete(activity, with: .later), is: .pending)
            try expect(try await worker.fail(activity), is: .resolved)
            try expect(try await bench.lastFailure(of: run).attempts, is: 3, "attempts")
        },
        ConformanceCase("An attempt that goes on elsewhere times out as any other") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let first = try await worker.scheduleAndTake(
                run, timeout: .milliseconds(150), retry: .fixed(.milliseconds(50), attempts: 2, jitter: 0))
            try expect(try await worker.complete(first, with: .later), is: .pending)
            try expect(try await worker.claim().nextDue, is: first.deadline, "nextDue")
            let second = try await worker.awaitActivity()
            try expect(try await worker.now() >= first.deadline.advanced(by: .milliseconds(50)), "it came early")
            try expect(second.attempt, is: 2, "attempt")
            try expect(try await worker.complete(first), is: .superseded)
            try expect(try await worker.complete(second, with: .later), is: .pending)
            let failure = try await worker.expectFailure(at: second.deadline)
            let message = "the attempt took longer than 150 ms"
            try expect(failure, is: FailureRecord(type: "StartToCloseTimeout", message: message, attempts: 2))

            let timeouts = ActivityTimeouts(scheduleToClose: .milliseconds(100))
            let close = try await worker.scheduleAndTake(
                bench.start("close"), timeouts: timeouts, retry: .fixed(.zero, jitter: 0))
            try expect(try await worker.complete(close, with: .later), is: .pending)
            let other = try await worker.expectFailure(at: close.deadline)
            try expect(other.type, is: "ScheduleToCloseTimeout", "the type")
        },
        ConformanceCase("Heartbeats keep an attempt that goes on elsewhere, and bring details") { bench in
            let worker = try await bench.worker()
            let limit = Duration.milliseconds(400)
            let activity = try await worker.scheduleAndTake(
                bench.start(), timeouts: ActivityTimeouts(heartbeat: limit), retry: .fixed(.zero, jitter: 0))
            try expect(try await worker.complete(activity, with: .later), is: .pending)
            let start = try await worker.now()
            _ = try await bench.eventually("the time") { () -> Bool? in
                try expect(try await worker.heartbeat(activity, [5]), is: .recorded)
                let work = try await worker.claim()
                try expect(work.isEmpty, "it timed out")
                return work.now > start.advanced(by: .milliseconds(700)) ? true : nil
            }
            let last = try await worker.now()
            let next = try await worker.awaitActivity()
            try expect(try await worker.now() >= last.advanced(by: .milliseconds(300)), "it came early")
            try expect(next.attempt, is: 2, "attempt")
            try expect(next.heartbeatDetails, is: [5], "the details")
            try expect(try await worker.heartbeat(activity), is: .superseded)
        },
        ConformanceCase("The death of the worker doesn't matter to an attempt that goes on elsewhere") { bench in
            let dead = try await bench.worker(lease: .milliseconds(500))
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await dead.scheduleAndTake(run)
            try expect(try await dead.complete(activity, with: .later), is: .pending)
            let start = try await worker.now()
            _ = try await bench.eventually("the end of the lease") { () -> Bool? in
                let work = try await worker.claim()
                try expect(work.isEmpty, "it was handed over")
                return work.now > start.advanced(by: .milliseconds(800)) ? true : nil
            }
            try expect(try await worker.complete(activity), is: .resolved)
            try await bench.expect(history: [.started, .turn, .activityCompleted], of: run)
        },
        ConformanceCase("An attempt that goes on elsewhere can be cancelled, and closing its run ends it") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            try expect(try await worker.complete(activity, with: .later), is: .pending)
            try await bench.signal(run, "s")
            try expect(try await worker.commit(worker.takeRun(run), .cancel(0), from: 1), is: .committed)
            try expect(try await worker.claim().nextDue == nil, "something is due")
            try expect(try await worker.complete(activity), is: .resolved)
            try expect(try await worker.heartbeat(activity), is: .superseded)
            try await bench.expect(history: [.started, .turn, .signalled, .turn], of: run)

            let closing = try await bench.start("closing")
            let other = try await worker.scheduleAndTake(closing)
            try expect(try await worker.complete(other, with: .later), is: .pending)
            try await bench.signal(closing, "s")
            try expect(try await worker.commit(worker.takeRun(closing), .complete([]), from: 1), is: .committed)
            try expect(try await worker.claim().nextDue == nil, "something is due")
            try expect(try await worker.complete(other), is: .resolved)
        },
        ConformanceCase("A worker that lets go of an attempt has room for the next") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .activity(), .activity()), is: .committed)
            let first = try await worker.takeActivity()
            let completion = ActivityCompletion(claim: first.claim, result: .later)
            let request = worker.request(workflows: 0, activities: 1)
            let (answer, work) = try await bench.backend.complete(completion, claiming: request)
            try expect(answer, is: .pending)
            try expect(work?.activityTasks.map(\.claim.operation), is: [1], "the operations")
            try expect(work?.nextDue.map { $0 <= first.deadline }, is: true, "that the deadline is told")
        },
    ]
}

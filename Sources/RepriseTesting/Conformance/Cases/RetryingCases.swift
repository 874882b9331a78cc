import Reprise

extension BackendConformance {
    static let retrying: [ConformanceCase] = [
        ConformanceCase("Attempts are retried after exactly the delays of the policy, and then fail") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let retry = RetryPolicy(
                initial: .milliseconds(20), multiplier: 1.7, maximum: .milliseconds(50), attempts: 4,
                jitter: 0)
            var activity = try await worker.scheduleAndTake(run, retry: retry)
            // 20, 20 × 1.7, and 20 × 1.7 × 1.7 = 57.8, which is over the maximum.
            for (attempt, delay) in [(1, 20), (2, 34), (3, 50)] {
                try expect(activity.attempt, is: attempt, "attempt")
                let before = try await worker.now()
                let answer = try await worker.fail(activity)
                let after = try await worker.now()
                guard case .retrying(let due) = answer else { throw ConformanceFailure("the answer is \(answer)") }
                let bounds = before.advanced(by: .milliseconds(delay))...after.advanced(by: .milliseconds(delay))
                try expect(bounds.contains(due), "attempt \(attempt + 1) is due at \(due), not in \(bounds)")
                activity = try await worker.expectAt(due, "the next attempt") { $0.activityTasks.first }
            }
            try expect(activity.attempt, is: 4, "attempt")
            try expect(activity.deliveries, is: 4, "deliveries")
            try expect(try await worker.fail(activity), is: .resolved)
            try await bench.expect(history: [.started, .turn, .activityFailed], of: run)
            let failure = try FailureRecord(decoding: await bench.history(of: run)[2].payload)
            try expect(failure, is: FailureRecord(type: "Declined", message: "no money", attempts: 4))
        },
        ConformanceCase("A failure that is sent again answers the same time, and counts once") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run, retry: .fixed(.seconds(1), attempts: 9, jitter: 0))
            let answer = try await worker.fail(activity)
            guard case .retrying(let due) = answer else { throw ConformanceFailure("the answer is \(answer)") }
            for _ in 0..<3 { try expect(try await worker.fail(activity), is: answer) }
            try expect(try await worker.claim().nextDue, is: due, "nextDue")
            let next = try await worker.expectAt(due, "the next attempt") { $0.activityTasks.first }
            try expect(next.attempt, is: 2, "attempt")
            try expect(try await worker.fail(activity), is: .superseded)
        },
        ConformanceCase("A failure that isn't retryable is final") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run, retry: .fixed(.milliseconds(1), jitter: 0))
            try expect(try await worker.fail(activity, isRetryable: false), is: .resolved)
            let failure = try FailureRecord(decoding: await bench.history(of: run)[2].payload)
            try expect(failure.attempts, is: 1, "attempts")
        },
        ConformanceCase("An activity that asks for another time runs again then, and no attempt is counted") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            var activity = try await worker.scheduleAndTake(run)
            for round in 1...3 {
                let before = try await worker.now()
                let result = ActivityCompletion.Result.retry(after: .milliseconds(40), reason: "busy")
                let answer = try await worker.complete(activity, with: result)
                let after = try await worker.now()
                guard case .retrying(let due) = answer else { throw ConformanceFailure("the answer is \(answer)") }
                let bounds = before.advanced(by: .milliseconds(40))...after.advanced(by: .milliseconds(40))
                try expect(bounds.contains(due), "it is due at \(due), not in \(bounds)")
                activity = try await worker.expectAt(due, "the next attempt") { $0.activityTasks.first }
                try expect(activity.attempt, is: 1, "attempt")
                try expect(activity.deliveries, is: round + 1, "deliveries")
            }
            try expect(try await worker.fail(activity), is: .resolved)
        },
        ConformanceCase("A request for another time that is sent again answers the same time") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            let result = ActivityCompletion.Result.retry(after: .seconds(30), reason: "busy")
            let answer = try await worker.complete(activity, with: result)
            try expect(try await worker.complete(activity, with: result), is: answer)
            try await worker.expectNothing()
            try await bench.expect(history: [.started, .turn], of: run)
        },
        ConformanceCase("A retry without a delay, or with a negative one, comes with the next claim") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            var activity = try await worker.scheduleAndTake(run)
            for delay in [Duration.zero, .seconds(-5)] {
                let before = try await worker.now()
                let answer = try await worker.complete(activity, with: .retry(after: delay, reason: "r"))
                guard case .retrying(let due) = answer else { throw ConformanceFailure("the answer is \(answer)") }
                try expect(due >= before, "it is due at \(due), before \(before)")
                activity = try await worker.takeActivity()
            }
        },
        ConformanceCase("An activity that waits for its next attempt can be cancelled") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run, retry: .fixed(.seconds(1), jitter: 0))
            guard case .retrying = try await worker.fail(activity) else { throw ConformanceFailure("no retry") }
            try await bench.signal(run, "s")
            try expect(try await worker.commit(worker.takeRun(run), .cancel(0), from: 1), is: .committed)
            try expect(try await worker.claim().nextDue == nil, "something is due")
            try expect(try await worker.fail(activity), is: .resolved)
            try await bench.advance(by: .milliseconds(1050))
            try await worker.expectNothing()
        },
    ]
}

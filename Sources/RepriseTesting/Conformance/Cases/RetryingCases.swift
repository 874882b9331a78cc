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
        ConformanceCase("A delay is as long as the policy says for this run, operation and attempt") { bench in
            let worker = try await bench.worker()
            let policies: [RetryPolicy] = [
                .exponential(initial: .seconds(3600), maximum: .seconds(100_000)), .fixed(.seconds(5000), jitter: 1),
                .exponential(initial: .seconds(777), multiplier: 1.3, jitter: 0.05), .fixed(.seconds(1000), jitter: 99),
                .exponential(initial: .milliseconds(999_983), jitter: 0.333), .fixed(.seconds(60), jitter: 0),
            ]
            for (index, policy) in policies.enumerated() {
                let run = try await bench.start("order-\(index)")
                let steps = (0..<12).map { _ in Decision.Step.activity(retry: policy) }
                let commit = try await worker.commit(for: worker.takeRun(run), steps)
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
                for activity in try await worker.claim(activities: 12).activityTasks {
                    let operation = activity.claim.operation
                    let delay = try require(policy.delay(after: 1, run: run.number, operation: operation), "delay")
                    let before = try await worker.now()
                    let answer = try await worker.fail(activity)
                    let after = try await worker.now()
                    guard case .retrying(let due) = answer else { throw ConformanceFailure("the answer is \(answer)") }
                    let bounds = before.advanced(by: delay)...after.advanced(by: delay)
                    try expect(bounds.contains(due), "operation \(operation) is due at \(due), not in \(bounds)")
                }
            }
        },
        ConformanceCase("A failure of a type that the policy names is final") { bench in
            let worker = try await bench.worker()
            let names = ["Card Stolen", "a,b", "100%", "Überfall", ""]
            for (index, type) in (names + ["Card", "Stolen", "a", "Declined", "b,100%"]).enumerated() {
                let run = try await bench.start("order-\(index)")
                let retry = RetryPolicy.fixed(.seconds(30), jitter: 0, nonRetryable: names)
                let activity = try await worker.scheduleAndTake(run, retry: retry)
                let answer = try await worker.fail(activity, type: type)
                try expect(answer == .resolved, is: index < names.count, "“\(type)” is final, which")
                if answer == .resolved {
                    let failure = try await bench.lastFailure(of: run)
                    try expect(failure, is: FailureRecord(type: type, message: "no money", attempts: 1))
                    _ = try await worker.takeRun(run)
                }
            }
            let run = try await bench.start("order")
            let activity = try await worker.scheduleAndTake(run, retry: .fixed(.seconds(30), jitter: 0))
            guard case .retrying = try await worker.fail(activity, type: "") else { throw ConformanceFailure("final") }
        },
        ConformanceCase("A failure's own delay takes the place of the policy's, as it is") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let retry = RetryPolicy.exponential(
                initial: .seconds(1), maximum: .seconds(2), attempts: 4, nonRetryable: ["Fatal"])
            var activity = try await worker.scheduleAndTake(run, retry: retry)
            for delay in [Duration.milliseconds(40), .zero, .seconds(-3)] {
                let before = try await worker.now()
                let answer = try await worker.fail(activity, nextDelay: delay)
                let after = try await worker.now()
                guard case .retrying(let due) = answer else { throw ConformanceFailure("the answer is \(answer)") }
                let bounds = before.advanced(by: max(delay, .zero))...after.advanced(by: max(delay, .zero))
                try expect(bounds.contains(due), "it is due at \(due), not in \(bounds)")
                activity = try await worker.awaitActivity()
            }
            try expect(activity.attempt, is: 4, "attempt")
            // It makes no further attempt.
            try expect(try await worker.fail(activity, nextDelay: .seconds(1)), is: .resolved)
            _ = try await worker.takeRun(run)
            for (id, type, isRetryable) in [("a", "Fatal", true), ("b", "Declined", false)] {
                let run = try await bench.start(id)
                let activity = try await worker.scheduleAndTake(run, retry: retry)
                let answer = try await worker.fail(
                    activity, type: type, isRetryable: isRetryable, nextDelay: .seconds(1))
                try expect(answer, is: .resolved)
                _ = try await worker.takeRun(run)
            }
            // Longer than the policy's maximum.
            let long = try await worker.scheduleAndTake(bench.start("long"), retry: retry)
            let before = try await worker.now()
            guard case .retrying(let due) = try await worker.fail(long, nextDelay: .seconds(5000)) else {
                throw ConformanceFailure("no retry")
            }
            try expect(due >= before.advanced(by: .seconds(5000)), "it is due at \(due)")
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

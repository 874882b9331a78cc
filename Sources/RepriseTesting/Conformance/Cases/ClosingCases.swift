import Reprise

extension BackendConformance {
    static let closing: [ConformanceCase] = [
        ConformanceCase("A run is completed with its output, failed with its failure, or cancelled with the reason") {
            bench in
            let worker = try await bench.worker()
            let failure = FailureRecord(type: "Declined", message: "no “money”\n", details: .init([1, 2]))
            for (id, step, state, outcome) in [
                (
                    "one", Decision.Step.complete([0, 255, 13, 10]), RunState.completed,
                    RunOutcome.completed([0, 255, 13, 10])
                ),
                ("two", .complete([]), .completed, .completed([])),
                ("three", .fail(failure), .failed, .failed(failure)),
                ("four", .cancelled(reason: "no “money”"), .cancelled, .cancelled(reason: "no “money”")),
            ] {
                let run = try await bench.start(id)
                let commit = worker.commit(for: try await worker.takeRun(run), [step])
                for _ in 0..<2 {
                    try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
                }
                let description = try await bench.describe(run)
                try expect(description.state, is: state)
                try expect(description.outcome, is: outcome, "the outcome")
                let end = try await bench.history(of: run)[1]
                try expect(description.closedAt, is: end.time, "closedAt")
                try await bench.expect(history: [.started, .turn], of: run)
                try expect(try await bench.backend.wait(for: run, until: .closed), is: description)
                let next = try await bench.start(id)
                try expect(next.number > run.number, "the next run is \(next)")
                try expect(try await worker.commit(worker.takeRun(next), .complete([])), is: .committed)
            }
            try await worker.expectNothing()
        },
        ConformanceCase("A closing commit is refused with what it had not seen, and its claim stands") { bench in
            let worker = try await bench.worker()
            let other = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            try await bench.signal(run, "one")
            try await bench.signal(run, "two")
            let closing = worker.commit(for: task, [.complete([])], through: 1)
            for _ in 0..<2 {
                let (answer, _) = try await bench.backend.commit(closing, claiming: nil)
                guard case .refused(let unseen) = answer else { throw ConformanceFailure("the answer is \(answer)") }
                try expect(unseen.map(\.number), is: [2, 3], "the unseen entries")
                try expect(unseen, is: Array(try await bench.history(of: run).dropFirst()), "the unseen entries")
            }
            try await bench.expect(run, is: .leased)
            try await bench.expect(history: [.started, .signalled, .signalled], of: run)
            try await other.expectNothing()
            try expect(try await worker.commit(task, .complete([1]), through: 3), is: .committed)
            try await bench.expect(run, is: .completed)
        },
        ConformanceCase("A refusal tells arrivals only, not turns") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let first = try await worker.takeRun(run)
            try await bench.signal(run, "one")
            try expect(try await worker.commit(first, .activity(), through: 1), is: .committed)
            let task = try await worker.takeRun(run)
            try await bench.signal(run, "two")
            let answer = try await worker.commit(task, .complete([]), through: 1, from: 1)
            guard case .refused(let unseen) = answer else { throw ConformanceFailure("the answer is \(answer)") }
            try expect(unseen.map(\.number), is: [2, 4], "the unseen entries")
        },
        ConformanceCase("A close regardless leaves the unseen arrivals in the history") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            try await bench.signal(run, "s")
            try expect(try await worker.commit(task, .complete([5]), through: 1, regardless: true), is: .committed)
            try await bench.expect(run, is: .completed)
            try await bench.expect(history: [.started, .signalled, .turn], of: run)
            let description = try await bench.describe(run)
            try expect(description.through, is: 1, "through")
            try expect(description.lastArrival, is: 2, "lastArrival")
            try expect(description.outcome, is: .completed([5]), "the outcome")
            try await worker.expectNothing()
        },
        ConformanceCase("Closing cancels activities in any state, and timers") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let retry = RetryPolicy.fixed(.milliseconds(50), jitter: 0)
            let soon = try await worker.now().advanced(by: .milliseconds(50))
            let answer = try await worker.commit(
                worker.takeRun(run), .activity(retry: retry), .activity(retry: retry), .activity(), .timer(soon),
                .activity("parked"))
            try expect(answer, is: .committed)
            let leased = try await worker.takeActivity()
            let failed = try await worker.takeActivity()
            let delayed = try await worker.fail(failed)
            guard case .retrying = delayed else { throw ConformanceFailure("the answer is \(delayed)") }
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            try expect(try await worker.commit(task, .complete([]), from: 5, regardless: true), is: .committed)

            let lost = try await bench.backend.renew(worker: worker.id, workflows: [], activities: [leased.claim])
            try expect(lost, is: [leased.claim.nonce], "what is lost")
            try expect(try await worker.complete(leased), is: .resolved)
            try expect(try await worker.fail(failed), is: .resolved)
            try expect(try await bench.backend.release(leased.claim), is: .fenced)
            let length = try await bench.history(of: run).count
            try await bench.advance(by: .milliseconds(100))
            let work = try await worker.claim()
            try expect(work.isEmpty && work.nextDue == nil && work.parked.isEmpty, "left: \(work)")
            try expect(try await bench.history(of: run).count, is: length, "the length of the history")
        },
        ConformanceCase("A closed run takes nothing more") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            try expect(try await worker.commit(task, .complete([1])), is: .committed)
            var other = worker.commit(for: task, [.complete([2])])
            other.claim.nonce += "x"
            let commit = other
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .fenced)
            try await bench.backend.unblock(run)
            try expect(try await worker.release(task, .block(reason: "r")), is: .released)
            let lost = try await bench.backend.renew(worker: worker.id, workflows: [task.claim], activities: [])
            try expect(lost, is: [task.claim.nonce], "what is lost")
            try await bench.expect(run, is: .completed)
            try expect(try await bench.describe(run).reason == nil, "there is a reason")
            try await worker.expectNothing()
        },
    ]
}

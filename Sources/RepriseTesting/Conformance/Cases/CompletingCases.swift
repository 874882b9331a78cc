import Reprise

extension BackendConformance {
    static let completing: [ConformanceCase] = [
        ConformanceCase("A completion is recorded and queues the run") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            try await bench.expect(run, is: .idle)
            try expect(try await worker.complete(activity, [0, 255, 13]), is: .resolved)
            try await bench.expect(run, is: .queued)
            let task = try await worker.takeRun(run)
            let entry = try require(task.history.last, "history")
            try expect(entry.kind, is: .activityCompleted)
            try expect(entry.reference, is: 0, "the operation")
            try expect(entry.payload, is: [0, 255, 13], "the payload")
        },
        ConformanceCase("A completion that is sent again answers the same and has one effect") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            for _ in 0..<3 { try expect(try await worker.complete(activity), is: .resolved) }
            try await bench.expect(history: [.started, .turn, .activityCompleted], of: run)
            try expect(try await worker.claim().workflowTasks.count, is: 1, "the number of tasks")
            try await worker.expectNothing()
        },
        ConformanceCase("A failure without a retry is recorded with the number of attempts") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            let failure = FailureRecord(type: "Declined", message: "no money: “7”\n", details: .init([1, 255]))
            for _ in 0..<2 {
                let answer = try await worker.complete(activity, with: .failed(failure, isRetryable: true))
                try expect(answer, is: .resolved)
            }
            try await bench.expect(history: [.started, .turn, .activityFailed], of: run)
            let entry = try await bench.history(of: run)[2]
            try expect(entry.reference, is: 0, "the operation")
            var expected = failure
            expected.attempts = 1
            try expect(try FailureRecord(decoding: entry.payload), is: expected, "the failure")
        },
        ConformanceCase("A completion of an operation that is gone is resolved and recorded nowhere") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            try await bench.signal(run, "s")
            try expect(try await worker.commit(worker.takeRun(run), .cancel(0), from: 1), is: .committed)
            try expect(try await worker.complete(activity), is: .resolved)
            try expect(try await worker.fail(activity), is: .resolved)
            try await bench.expect(history: [.started, .turn, .signalled, .turn], of: run)
            try await bench.expect(run, is: .idle)
            var unknown = activity
            unknown.claim.operation = 17
            try expect(try await worker.complete(unknown), is: .resolved)
            unknown.claim.run = RunID(workflowID: "order", number: run.number + 1000)
            try expect(try await worker.complete(unknown), is: .resolved)
            unknown.claim = activity.claim
            unknown.claim.run.workflowID = "other"
            try expect(try await worker.complete(unknown), is: .resolved)
        },
        ConformanceCase("A completion under another claim is superseded") { bench in
            let zombie = try await bench.worker()
            let heir = try await bench.worker()
            let run = try await bench.start()
            let old = try await zombie.scheduleAndTake(run)
            try await bench.backend.recover(worker: zombie.id, keeping: [])
            try expect(try await zombie.complete(old, [0]), is: .superseded)
            let new = try await heir.takeActivity()
            try expect(try await zombie.complete(old, [0]), is: .superseded)
            try expect(try await zombie.fail(old), is: .superseded)
            try expect(try await zombie.complete(old, with: .retry(after: .zero, reason: "r")), is: .superseded)
            try await bench.expect(history: [.started, .turn], of: run)
            try expect(try await heir.complete(new, [1]), is: .resolved)
            try expect(try await zombie.complete(old, [0]), is: .resolved)
            try await bench.expect(history: [.started, .turn, .activityCompleted], of: run)
            try expect(try await bench.history(of: run)[2].payload, is: [1], "the payload")
        },
        ConformanceCase("A completion of a timer's operation or of a queued activity records nothing") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let due = try await worker.now().advanced(by: .seconds(60))
            let answer = try await worker.commit(worker.takeRun(run), .timer(due), .activity(), .activity())
            try expect(answer, is: .committed)
            let activity = try await worker.takeActivity()
            for operation in [0, 2] {
                var forged = activity
                forged.claim.operation = operation
                try expect(try await worker.complete(forged) != .retrying(at: due), "it is retried")
            }
            try await bench.expect(history: [.started, .turn], of: run)
            try expect(try await worker.complete(activity), is: .resolved)
            try expect(try await worker.takeActivity().claim.operation, is: 2, "the operation")
        },
        ConformanceCase("Completions are recorded in the order of the calls, also while the run is leased") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try expect(
                try await worker.commit(worker.takeRun(run), .activity(), .activity(), .activity()), is: .committed)
            let activities = try await worker.claim().activityTasks
            try expect(try await worker.complete(activities[1]), is: .resolved)
            let task = try await worker.takeRun(run)
            try expect(try await worker.complete(activities[2]), is: .resolved)
            try expect(try await worker.fail(activities[0]), is: .resolved)
            try expect(try await worker.commit(task), is: .committed)
            let next = try await worker.takeRun(run)
            try expect(next.history.map(\.reference), is: [2, 0], "the operations")
            try expect(next.history.map(\.kind), is: [.activityCompleted, .activityFailed])
        },
    ]
}

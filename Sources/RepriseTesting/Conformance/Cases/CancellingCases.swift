import Reprise

extension BackendConformance {
    static let cancelling: [ConformanceCase] =
        Situation.allCases.filter { $0 != .delayedStart }.map(cancelling) + [
            ConformanceCase("A delayed start that is cancelled is closed at once") { bench in
                let worker = try await bench.worker()
                let run = try await worker.run(.delayedStart).id
                try await bench.signal(run, "s")
                let closed = try await bench.wait(for: run, until: .closed)
                for reason in ["no need", "really"] {
                    try expect(try await bench.cancel(run, reason), is: run)
                }
                let description = try await bench.describe(run)
                try expect(description.state, is: .cancelled)
                try expect(description.outcome, is: .cancelled(reason: "no need"), "the outcome")
                try expect(description.startedAt == nil && description.dueAt == nil, "\(description)")
                try expect(description.closedAt, is: try await bench.history(of: run).last?.time, "closedAt")
                try await bench.expect(history: [.scheduled, .signalled, .cancelRequested], of: run)
                try expect(try await closed.value, is: description)
                try await worker.expectNothingLeft()
                try await expect(.runClosed) { try await bench.signal(run, "late") }
                try await worker.takeRun(bench.start())
            },
            ConformanceCase("A delayed start that was paused is cancelled at once, too") { bench in
                let worker = try await bench.worker()
                let run = try await worker.run(.delayedStart).id
                try await bench.backend.pause(run)
                try await bench.cancel(run)
                try await bench.expect(run, is: .cancelled)
                try await worker.expectNothingLeft()
            },
            ConformanceCase("A closed run can't be cancelled, unless it was asked before it ended") { bench in
                let worker = try await bench.worker()
                let run = try await bench.start()
                try expect(try await worker.commit(worker.takeRun(run), .complete([1])), is: .committed)
                let error = try await expect(.runClosed) { try await bench.cancel(run) }
                try expect(error.run, is: run, "the error's run")
                try await bench.expect(history: [.started, .turn], of: run)

                let asked = try await bench.start()
                try await bench.cancel(asked)
                try expect(try await worker.commit(worker.takeRun(asked), .complete([2])), is: .committed)
                try expect(try await bench.cancel(asked), is: asked)
                try await bench.expect(history: [.started, .cancelRequested, .turn], of: asked)
                try await bench.expect(asked, is: .completed)
            },
            ConformanceCase("The newest run of an id is cancelled, or the one with the number") { bench in
                try await expect(.runNotFound) {
                    try await bench.backend.requestCancel(workflowID: "order", runNumber: nil, reason: "")
                }
                let worker = try await bench.worker()
                let old = try await bench.start()
                try expect(try await worker.commit(worker.takeRun(old), .complete([])), is: .committed)
                let run = try await bench.start()
                try await expect(.runClosed) { try await bench.cancel(old) }
                try await expect(.runNotFound) {
                    try await bench.cancel(RunID(workflowID: "other", number: run.number))
                }
                let answer = try await bench.backend.requestCancel(workflowID: "order", runNumber: nil, reason: "r")
                try expect(answer, is: run)
                try await bench.expect(history: [.started, .cancelRequested], of: run)
            },
            ConformanceCase("A closing commit that had not seen the request to cancel is refused") { bench in
                let worker = try await bench.worker()
                let task = try await worker.startAndTake()
                try await bench.cancel(task.claim.run, "stop")
                let answer = try await worker.commit(task, .complete([]))
                guard case .refused(let unseen) = answer else { throw ConformanceFailure("the answer is \(answer)") }
                try expect(unseen.map(\.kind), is: [.cancelRequested], "the unseen entries")
                try expect(try await worker.commit(task, .cancelled(reason: "stop"), through: 2), is: .committed)
                try await bench.expect(task.claim.run, is: .cancelled)
            },
            ConformanceCase("Timers and activities of a run that is asked to end go on, and signals are recorded") {
                bench in
                let worker = try await bench.worker(activities: ["charge", "other"])
                let run = try await worker.busyRun()
                try await bench.cancel(run.id)
                try await bench.signal(run.id, "late")
                try await worker.expectAllGoesOn(run)
                try await bench.expect(run.id, is: .queued)
            },
            ConformanceCase("A request to cancel wakes a worker") { bench in
                let worker = try await bench.worker()
                let run = try await worker.run(.idle)
                try await worker.expectWake(by: "a request to cancel") { try await bench.cancel(run.id) }
                _ = try await worker.takeRun(run.id)
            },
        ]

    /// An open run that has started is asked to end.
    private static func cancelling(_ situation: Situation) -> ConformanceCase {
        ConformanceCase("A request to cancel a run that is \(situation.rawValue) is recorded once") { bench in
            let worker = try await bench.worker()
            let run = try await worker.run(situation)
            let before = try await bench.describe(run.id)
            let change = try await bench.wait(for: run.id, until: .changed(from: before))
            for reason in ["no “need”", "really"] {
                try expect(try await bench.cancel(run.id, reason), is: run.id)
            }
            try expect(try await change.value.lastEntry, is: before.lastEntry + 1, "lastEntry")
            var expected = before
            expected.lastEntry += 1
            expected.lastArrival = expected.lastEntry
            if situation == .idle { expected.state = .queued }
            try expect(try await bench.describe(run.id), is: expected, "the description")

            let task = try await worker.takeNext(run)
            let requests = try await bench.history(of: run.id).filter { $0.kind == .cancelRequested }
            try expect(requests.map(\.payload), is: [Array("no “need”".utf8)], "the reasons")
            try expect(task.history.contains(requests[0]), "the worker isn't told: \(task.history)")
            try expect(try await worker.commit(task, .cancelled(reason: "no need"), from: 2), is: .committed)
            try await bench.expect(run.id, is: .cancelled)
            try await worker.expectNothingLeft()
        }
    }
}

import Reprise

extension BackendConformance {
    static let terminating: [ConformanceCase] =
        Situation.allCases.map(terminating) + [
            ConformanceCase("A closed run can't be terminated, unless it was terminated before") { bench in
                let worker = try await bench.worker()
                let run = try await bench.start()
                try expect(try await worker.commit(worker.takeRun(run), .complete([1])), is: .committed)
                let error = try await expect(.runClosed) { try await bench.terminate(run) }
                try expect(error.run, is: run, "the error's run")
                try await bench.expect(history: [.started, .turn], of: run)
                try await bench.expect(run, is: .completed)
            },
            ConformanceCase("The newest run of an id is terminated, or the one with the number") { bench in
                try await expect(.runNotFound) {
                    try await bench.backend.terminate(workflowID: "order", runNumber: nil, reason: "")
                }
                let old = try await bench.start()
                try await bench.terminate(old)
                let run = try await bench.start()
                try expect(try await bench.terminate(old), is: old)
                try await bench.expect(run, is: .queued)
                try await expect(.runNotFound) {
                    try await bench.terminate(RunID(workflowID: "other", number: run.number))
                }
                let answer = try await bench.backend.terminate(workflowID: "order", runNumber: nil, reason: "r")
                try expect(answer, is: run)
                try await bench.expect(run, is: .terminated)
            },
            ConformanceCase("Termination fences the turn that a worker takes, and tells the worker") { bench in
                let worker = try await bench.worker()
                let run = try await worker.run(.leased)
                let task = try require(run.task, "task")
                try await bench.terminate(run.id)
                try expect(try await worker.commit(task, .complete([]), from: 2), is: .fenced)
                try expect(try await worker.commit(task, .activity(), from: 2), is: .fenced)
                let lost = try await bench.backend.renew(worker: worker.id, workflows: [task.claim], activities: [])
                try expect(lost, is: [task.claim.nonce], "what is lost")
                for disposition in [WorkflowRelease.Disposition.handBack, .block(reason: "r")] {
                    try expect(try await worker.release(task, disposition), is: .released)
                }
                try await bench.backend.recover(worker: worker.id, keeping: [])
                try await bench.expect(run.id, is: .terminated)
                try await worker.expectNothingLeft()
            },
            ConformanceCase("Termination takes back activities in any state, and timers") { bench in
                let worker = try await bench.worker(activities: ["charge", "other"])
                let run = try await worker.busyRun()
                try await bench.terminate(run.id)
                let lost = try await bench.backend.renew(
                    worker: worker.id, workflows: [], activities: [run.running.claim])
                try expect(lost, is: [run.running.claim.nonce], "what is lost")
                try expect(try await worker.complete(run.running), is: .resolved)
                try expect(try await worker.fail(run.failed), is: .resolved)
                try await worker.expectNothingLeft()
                try await bench.expect(history: [.started, .turn, .terminated], of: run.id)
            },
            ConformanceCase("A commit that was made before the termination is still known after it") { bench in
                let worker = try await bench.worker()
                let task = try await worker.startAndTake()
                let commit = worker.commit(for: task, [.activity()])
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
                try await bench.terminate(task.claim.run)
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
                try await bench.expect(history: [.started, .turn, .terminated], of: task.claim.run)
            },
            ConformanceCase("A run that was asked to end can be terminated") { bench in
                let worker = try await bench.worker()
                let run = try await worker.run(.idle).id
                try await bench.cancel(run, "please")
                try await bench.terminate(run, "now")
                try expect(try await bench.describe(run).outcome, is: .terminated(reason: "now"), "the outcome")
                try await worker.expectNothingLeft()
            },
        ]

    /// A run is terminated wherever it is.
    private static func terminating(_ situation: Situation) -> ConformanceCase {
        ConformanceCase("A run that is \(situation.rawValue) is terminated, and nothing is left of it") { bench in
            let worker = try await bench.worker(build: "1")
            let run = try await worker.run(situation).id
            let length = try await bench.history(of: run).count
            let closed = try await bench.wait(for: run, until: .closed)
            for reason in ["too “old”", "really"] {
                try expect(try await bench.terminate(run, reason), is: run)
            }
            let description = try await bench.describe(run)
            try expect(description.state, is: .terminated)
            try expect(description.outcome, is: .terminated(reason: "too “old”"), "the outcome")
            try expect(description.reason == nil && description.dueAt == nil, "\(description)")
            try expect(description.turnFailures, is: 0, "turnFailures")
            let history = try await bench.history(of: run)
            try expect(history.count, is: length + 1, "the length of the history")
            try expect(history.last?.kind, is: .terminated, "the last entry")
            try expect(description.closedAt, is: history.last?.time, "closedAt")
            try expect(try await closed.value, is: description)

            try await expect(.runClosed) { try await bench.signal(run, "late") }
            try await expect(.runClosed) { try await bench.cancel(run) }
            try await expect(.runClosed) { try await bench.backend.pause(run) }
            try await expect(.runClosed) { try await bench.backend.resume(run) }
            try await bench.backend.unblock(run)
            _ = try await bench.worker(build: "2")
            try await worker.expectNothingLeft()
            try expect(try await bench.describe(run), is: description, "the description")

            try await worker.takeRun(bench.start())
        }
    }
}

import Reprise

extension BackendConformance {
    /// Turns of more effects than one call may apply.
    static let largeTurns: [ConformanceCase] = [
        ConformanceCase("A turn of two thousand activities is carried out whole, each once, with its own input") {
            bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let steps = (0..<2000).map { Decision.Step.activity(input: Array("input \($0)".utf8)) }
            let task = try await worker.takeRun(run)
            let commit = worker.commit(for: task, steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed, "the repeat")
            var inputs: [Int: [UInt8]] = [:]
            while inputs.count < 2000 {
                let work = try await worker.claim(activities: 500)
                try expect(work.workflowTasks.count, is: 0, "runs while nothing arrived")
                for activity in work.activityTasks {
                    let operation = activity.claim.operation
                    try expect(inputs.updateValue(activity.input, forKey: operation), is: nil, "a second hand-out")
                    try expect(activity.input, is: Array("input \(operation)".utf8))
                }
                if work.activityTasks.isEmpty, (work.nextDue ?? work.now.advanced(by: .seconds(1))) > work.now { break }
            }
            try expect(inputs.count, is: 2000, "the number of activities")
            try await bench.expect(run, is: .idle)
            try await bench.expect(history: [.started, .turn], of: run)
        },
        ConformanceCase("Of a large turn, effects that follow others take them back, also across pages") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let due = try await worker.now().advanced(by: .seconds(3600))
            var steps = (0..<1000).map { $0.isMultiple(of: 2) ? Decision.Step.activity() : .timer(due) }
            steps += (0..<1000).filter { $0 != 17 && $0 != 18 }.map { .cancel($0) }
            try expect(
                try await bench.backend.commit(
                    worker.commit(for: worker.takeRun(run), steps), claiming: nil
                ).answer, is: .committed)
            let activity = try await worker.awaitActivity()
            try expect(activity.claim.operation, is: 18, "the activity that is left")
            try await worker.finishPages(workflows: 1)
            try await bench.expect(run, is: .idle)
            try await worker.expectNothing()
        },
        ConformanceCase("What arrives while a large turn is carried out is handed out after it") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let steps = (0..<1500).map { _ in Decision.Step.activity() }
            let commit = worker.commit(for: try await worker.takeRun(run), steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            try await bench.signal(run, "early")
            let task = try await bench.eventually("the run") { () -> WorkflowTask? in
                try await worker.claim(activities: 0).workflowTasks.first
            }
            try expect(task.history.last?.kind, is: .signalled)
            try expect(
                try await worker.commit(task, .cancel(1499), .complete([]), from: 1500), is: .committed)
            try await bench.expect(run, is: .completed)
            try await worker.expectNothing()
        },
        ConformanceCase("A large turn that cancels a blocked activity leaves its run free, wherever it says so") {
            bench in
            let worker = try await bench.worker(activities: [])
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .activity(), .activity()), is: .committed)
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            for _ in 0..<3 {
                let dead = try await bench.worker(workflows: [], lease: .seconds(1))
                _ = try await dead.takeActivity()
                try await worker.awaitHandover()
            }
            let due = try await worker.now().advanced(by: .seconds(3600))
            let steps = (0..<600).map { _ in Decision.Step.timer(due) } + [.cancel(0)]
            try expect(
                try await bench.backend.commit(worker.commit(for: task, steps, from: 2), claiming: nil).answer,
                is: .committed)
            try await worker.finishPages(workflows: 1)
            try await bench.expect(run, is: .idle)
        },
        ConformanceCase("Terminating or pausing a run whose large turn is being carried out leaves nothing behind") {
            bench in
            let worker = try await bench.worker()
            for pauses in [true, false] {
                let run = try await bench.start()
                let steps = (0..<1500).map { _ in Decision.Step.activity() }
                let commit = worker.commit(for: try await worker.takeRun(run), steps)
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
                if pauses {
                    try await bench.backend.pause(run)
                    try await worker.finishPages(workflows: 1)
                    try await bench.expect(run, is: .paused)
                }
                _ = try await bench.backend.terminate(
                    workflowID: run.workflowID, runNumber: run.number, reason: "enough")
                try await bench.expect(run, is: .terminated)
                try await worker.expectNothing()
            }
        },
    ]
}

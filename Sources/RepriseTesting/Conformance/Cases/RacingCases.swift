import Reprise

extension BackendConformance {
    /// Makes the same call many times at once.
    private static func race<Answer: Sendable>(
        _ count: Int = 8, _ call: @escaping @Sendable (Int) async throws -> Answer
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            for index in 0..<count { group.addTask { try await call(index) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    static let racing: [ConformanceCase] = [
        ConformanceCase("Of many claims for one task exactly one gets it") { bench in
            let workers = [try await bench.worker(), try await bench.worker(), try await bench.worker()]
            for round in 0..<20 {
                let run = try await bench.start("order-\(round)")
                let claims = try await race { try await workers[$0 % 3].claim() }
                let tasks = claims.flatMap(\.workflowTasks)
                try expect(tasks.map(\.claim.run), is: [run], "the claimed runs")
                try expect(try await workers[0].commit(tasks[0], .activity()), is: .committed)
                let more = try await race { try await workers[$0 % 3].claim() }
                try expect(more.flatMap(\.activityTasks).map(\.claim.run), is: [run], "the claimed activities")
            }
        },
        ConformanceCase("Many claims share many tasks, and none is taken twice or left") { bench in
            let workers = [try await bench.worker(), try await bench.worker()]
            for index in 0..<100 { try await bench.start("order-\(index)") }
            let claims = try await race(40) { try await workers[$0 % 2].claim(workflows: 4) }
            let runs = claims.flatMap(\.workflowTasks).map(\.claim.run.number)
            try expect(runs.count, is: 100, "the number of tasks")
            try expect(Set(runs).count, is: 100, "the number of runs")
        },
        ConformanceCase("Of many starts of one workflow id exactly one is accepted") { bench in
            for round in 0..<10 {
                let answers = try await race { _ in
                    do {
                        return try await bench.start("order-\(round)") as RunID?
                    } catch let error as BackendError where error.code == .alreadyRunning {
                        return nil
                    }
                }
                try expect(answers.compactMap(\.self).count, is: 1, "the number of runs")
            }
        },
        ConformanceCase("The same start many times at once is one run") { bench in
            let request = bench.request()
            let runs = try await race { _ in try await bench.backend.start(request) }
            try expect(Set(runs).count, is: 1, "the number of runs")
            try await bench.expect(history: [.started], of: runs[0])
        },
        ConformanceCase("The same commit many times at once is one turn") { bench in
            let worker = try await bench.worker()
            for round in 0..<10 {
                let task = try await worker.startAndTake("order-\(round)")
                let commit = worker.commit(for: task, [.activity()])
                let answers = try await race { _ in try await bench.backend.commit(commit, claiming: nil).answer }
                try expect(Set(answers), is: [.committed], "the answers")
                try await bench.expect(history: [.started, .turn], of: task.claim.run)
            }
            try expect(try await worker.claim(activities: 100).activityTasks.count, is: 10, "the number of activities")
        },
        ConformanceCase("A commit and a release of one claim at once: one of them takes effect") { bench in
            let worker = try await bench.worker()
            for round in 0..<10 {
                let task = try await worker.startAndTake("order-\(round)")
                let commit = worker.commit(for: task, [.complete([])])
                let answers = try await race(2) { index in
                    if index == 0 { return try await bench.backend.commit(commit, claiming: nil).answer == .committed }
                    return try await worker.release(task, .block(reason: "r")) == .fenced
                }
                let state = try await bench.describe(task.claim.run).state
                let kinds = try await bench.history(of: task.claim.run).map(\.kind)
                if answers.contains(true) {
                    try expect(state, is: .completed)
                    try expect(kinds, is: [.started, .turn])
                } else {
                    try expect(state, is: .blocked)
                    try expect(kinds, is: [.started])
                }
            }
        },
        ConformanceCase("The same completion many times at once is one arrival") { bench in
            let worker = try await bench.worker()
            for round in 0..<10 {
                let run = try await bench.start("order-\(round)")
                let activity = try await worker.scheduleAndTake(run)
                let answers = try await race { _ in try await worker.complete(activity) }
                try expect(Set(answers), is: [.resolved], "the answers")
                try await bench.expect(history: [.started, .turn, .activityCompleted], of: run)
                try expect(try await worker.commit(worker.takeRun(run)), is: .committed)
            }
        },
        ConformanceCase("A completion and a cancellation at once: nothing stays open") { bench in
            let worker = try await bench.worker()
            for round in 0..<10 {
                let run = try await bench.start("order-\(round)")
                let activity = try await worker.scheduleAndTake(run)
                try await bench.signal(run, "s")
                let task = try await worker.takeRun(run)
                let answers = try await race(2) { index in
                    if index == 0 { return try await worker.complete(activity) == .resolved }
                    return try await worker.commit(task, .cancel(0), from: 1) == .committed
                }
                try expect(answers, is: [true, true], "the answers")
                let completions = try await bench.history(of: run).filter { $0.kind == .activityCompleted }
                try expect(completions.count <= 1, "there are \(completions.count) completions")
                let lost = try await bench.backend.renew(
                    worker: worker.id, workflows: [], activities: [activity.claim])
                try expect(lost, is: [activity.claim.nonce], "what is lost")
                try await bench.expect(run, is: completions.isEmpty ? .idle : .queued)
                _ = try await worker.claim()
            }
        },
        ConformanceCase("Signals that come at once, and during commits, are all recorded and all seen") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            async let signals = race(60) { try await bench.signal(run, "\($0)") }
            var seen = 0
            while seen < 61 {
                guard let task = try await worker.claim().workflowTasks.first else {
                    await Task.yield()
                    continue
                }
                try expect(task.through, is: seen, "through")
                seen = task.history.last(where: \.isArrival)?.number ?? seen
                try expect(try await worker.commit(task), is: .committed)
            }
            try expect(try await signals.count, is: 60, "the number of signals")
            let ids = try await bench.history(of: run).dropFirst().map { try SignalRecord(decoding: $0.payload).id }
            try expect(Set(ids).count, is: 60, "the number of recorded signals")
            try await bench.expect(run, is: .idle)
        },
    ]
}

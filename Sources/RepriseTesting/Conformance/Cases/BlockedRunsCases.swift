import Reprise

extension BackendConformance {
    static let blockedRuns: [ConformanceCase] = [
        ConformanceCase("A blocked run says since when, and by which worker and build") { bench in
            let worker = try await bench.worker(build: "7")
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            try expect(try await bench.describe(run).blockage == nil, "a run that is leased has a blockage")
            let before = try await worker.now()
            _ = try await worker.release(task, .retry(after: .zero, reason: "first"))
            _ = try await worker.release(worker.awaitRun(), .block(reason: "second"))
            let blockage = try require(await bench.describe(run).blockage, "the blockage")
            try expect(blockage.worker, is: worker.registration.name, "the worker")
            try expect(blockage.build, is: "7", "the build")
            try expect(blockage.lastError == nil, "its last error is \(blockage.lastError ?? "")")
            let now = try await worker.now()
            try expect(before <= blockage.since && blockage.since <= now, "since \(blockage.since)")
            try await bench.backend.unblock(run)
            try expect(try await bench.describe(run).blockage == nil, "an unblocked run has a blockage")
        },
        ConformanceCase("Blocked runs are listed in pages, those first that have been for longest") { bench in
            let worker = try await bench.worker()
            var blocked: [RunID] = []
            for index in 0..<7 {
                let task = try await worker.startAndTake("order \(index)")
                blocked.append(task.claim.run)
                _ = try await worker.release(task, .block(reason: "reason \(index)"))
                // Some in the same millisecond.
                if index % 2 == 0 { try await bench.advance(by: .milliseconds(2)) }
            }
            try await bench.start("not blocked")
            let whole = try await bench.backend.blockedRuns(after: nil, limit: 100)
            try expect(whole.map(\.run.number).sorted(), is: blocked.map(\.number), "the runs")
            let times = whole.compactMap(\.blockage?.since)
            try expect(times, is: times.sorted(), "the times")
            for description in whole { try expect(description, is: try await bench.describe(description.run)) }
            for limit in 1...4 {
                var runs: [RunDescription] = []
                while true {
                    let page = try await bench.backend.blockedRuns(after: runs.last, limit: limit)
                    if page.isEmpty { break }
                    try expect(page.count <= limit, "a page of \(limit) has \(page.count)")
                    runs += page
                }
                try expect(runs, is: whole, "what pages of \(limit) tell")
            }
        },
        ConformanceCase("The next page of blocked runs begins after one that isn't blocked any more") { bench in
            let worker = try await bench.worker()
            for index in 0..<6 {
                _ = try await worker.release(try await worker.startAndTake("order \(index)"), .block(reason: "r"))
            }
            let whole = try await bench.backend.blockedRuns(after: nil, limit: 100)
            let page = try await bench.backend.blockedRuns(after: nil, limit: 3)
            for description in page { try await bench.backend.unblock(description.run) }
            try expect(try await bench.backend.blockedRuns(after: page.last, limit: 100), is: Array(whole.dropFirst(3)))
        },
        ConformanceCase("Only what is blocked is listed") { bench in
            let worker = try await bench.worker()
            let tasks = [
                try await worker.startAndTake("one"), try await worker.startAndTake("two"),
                try await worker.startAndTake("three"),
            ]
            for task in tasks { _ = try await worker.release(task, .block(reason: "r")) }
            try await bench.backend.unblock(tasks[0].claim.run)
            try await bench.terminate(tasks[1].claim.run)
            try await bench.backend.pause(tasks[2].claim.run)
            let listed = try await bench.backend.blockedRuns(after: nil, limit: 0)
            try expect(listed.map(\.run), is: [tasks[2].claim.run], "the runs")
            try expect(listed[0].isPaused, "it isn't paused")
            try expect(try await bench.describe(tasks[1].claim.run).blockage == nil, "a terminated run has a blockage")
            try await bench.backend.unblock(tasks[2].claim.run)
            try expect(try await bench.backend.blockedRuns(after: nil, limit: 10), is: [])
        },
        ConformanceCase("A run that is to pause says so in every state") { bench in
            let worker = try await bench.worker()
            let later = try await bench.start("later", at: worker.now().advanced(by: .seconds(3600)))
            try await bench.backend.pause(later)
            let task = try await worker.startAndTake("order")
            try await bench.backend.pause(task.claim.run)
            for run in [later, task.claim.run] {
                try expect(try await bench.describe(run).isPaused, "run \(run) isn't paused")
            }
            try expect(try await worker.commit(task), is: .committed)
            let description = try await bench.describe(task.claim.run)
            try expect(description.state, is: .paused)
            try expect(description.isPaused, "it isn't paused")
            try await bench.backend.resume(task.claim.run)
            try expect(try await bench.describe(task.claim.run).isPaused, is: false, "isPaused")
        },
    ]
}

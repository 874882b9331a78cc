import Reprise

extension BackendConformance {
    static let retaining: [ConformanceCase] = [
        ConformanceCase(
            "Closed runs are removed when their time is over, and open ones are not",
            retention: Retention(age: .milliseconds(200), count: 1000)
        ) { bench in
            let worker = try await bench.worker()
            let open = try await bench.start("open")
            try expect(try await worker.commit(worker.takeRun(open)), is: .committed)
            let request = bench.request("closed")
            let closed = try await bench.backend.start(request)
            try expect(try await worker.commit(worker.takeRun(closed), .complete([])), is: .committed)
            let end = try require(try await bench.describe(closed).closedAt, "closedAt")
            try await bench.eventually("the removal") { () -> Bool? in
                let now = try await worker.claim().now
                do {
                    _ = try await bench.describe(closed)
                    return nil
                } catch let error as BackendError where error.code == .runNotFound {
                    let message = "it is removed at \(now), too early for \(end)"
                    try expect(now >= end.advanced(by: .milliseconds(200)), message)
                    return true
                }
            }
            try await expect(.runNotFound) { try await bench.history(of: closed) }
            try await expect(.runNotFound) { try await bench.signal(closed, "s") }
            try await bench.expect(open, is: .idle)
            // The request is forgotten with the run.
            let again = try await bench.backend.start(request)
            try expect(again.number > closed.number, "run \(again) isn't newer than \(closed)")
        },
        ConformanceCase(
            "Of too many closed runs those that closed first are removed",
            retention: Retention(age: .seconds(1000), count: 3)
        ) { bench in
            let worker = try await bench.worker()
            var runs: [RunID] = []
            for index in 0..<7 {
                runs.append(try await bench.start("order-\(index)"))
                try expect(try await worker.commit(worker.takeRun(), .complete([])), is: .committed)
            }
            try await worker.awaitRemoval(of: runs[3])
            for run in runs.prefix(4) { try await expect(.runNotFound) { try await bench.describe(run) } }
            for run in runs.suffix(3) { try await bench.expect(run, is: .completed) }
        },
        ConformanceCase(
            "Removing an old run leaves the newer runs of its workflow id",
            retention: Retention(age: .seconds(1000), count: 1)
        ) { bench in
            let worker = try await bench.worker()
            var runs: [RunID] = []
            for _ in 0..<3 {
                runs.append(try await bench.start())
                try expect(try await worker.commit(worker.takeRun(), .complete([])), is: .committed)
            }
            let open = try await bench.start()
            _ = try await worker.takeRun(open)
            for run in runs.prefix(2) { try await worker.awaitRemoval(of: run) }
            try await bench.expect(runs[2], is: .completed)
            let newest = try await bench.backend.describe(workflowID: "order", runNumber: nil)
            try expect(newest.run, is: open, "the newest run")
        },
        ConformanceCase(
            "Of too many bytes the runs that closed first are removed",
            retention: Retention(age: nil, count: nil, bytes: 25_000)
        ) { bench in
            let worker = try await bench.worker()
            var runs: [RunID] = []
            for index in 0..<5 {
                runs.append(try await bench.start("order-\(index)"))
                let output = [UInt8](repeating: 1, count: 10_000)
                try expect(try await worker.commit(worker.takeRun(), .complete(output)), is: .committed)
            }
            try await worker.awaitRemoval(of: runs[2])
            for run in runs.prefix(3) { try await expect(.runNotFound) { try await bench.describe(run) } }
            for run in runs.suffix(2) { try await bench.expect(run, is: .completed) }
            // What is removed isn't counted any more, and each run counts beside its history.
            for index in 0..<20 {
                runs.append(try await bench.start("small-\(index)"))
                try expect(try await worker.commit(worker.takeRun(), .complete([])), is: .committed)
            }
            try await worker.awaitRemoval(of: runs[4])
            let kept = 25_000 / Retention.bytesPerRun - 5
            for run in runs.suffix(kept) { try await bench.expect(run, is: .completed) }
        },
        ConformanceCase("Without bounds all closed runs are kept", retention: .unlimited) { bench in
            let worker = try await bench.worker()
            var runs: [RunID] = []
            for index in 0..<5 {
                runs.append(try await bench.start("order-\(index)"))
                try expect(try await worker.commit(worker.takeRun(), .complete([])), is: .committed)
            }
            for _ in 0..<5 {
                try await bench.advance(by: .milliseconds(110))
                _ = try await worker.claim()
            }
            for run in runs { try await bench.expect(run, is: .completed) }
        },
        ConformanceCase(
            "A worker claims again at once while there is more to remove",
            retention: Retention(age: .seconds(1), count: nil, bytes: nil)
        ) { bench in
            let worker = try await bench.worker()
            for index in 0..<150 {
                try await bench.start("order-\(index)")
                try expect(try await worker.commit(worker.takeRun(), .complete([])), is: .committed)
            }
            let last = try await bench.backend.describe(workflowID: "order-149", runNumber: nil)
            let end = try require(last.closedAt, "closedAt").advanced(by: .seconds(1))
            try await bench.advance(by: .seconds(1))
            try await bench.eventually("the time to remove all") {
                let work = try await worker.claim()
                return work.now >= end ? true : nil
            }
            for _ in 0..<10 {
                let work = try await worker.claim()
                if work.nextDue != work.now { break }
            }
            try await expect(.runNotFound) { try await bench.describe(last.run) }
        },
    ]
}

extension BenchWorker {
    /// Claims until a run is removed.
    fileprivate func awaitRemoval(of run: RunID, fileID: String = #fileID, line: Int = #line) async throws {
        try await bench.eventually("the removal of run \(run)", fileID: fileID, line: line) { () -> Bool? in
            _ = try await claim(workflows: 0, activities: 0)
            do {
                _ = try await bench.describe(run)
                return nil
            } catch let error as BackendError where error.code == .runNotFound {
                return true
            }
        }
    }
}

import Reprise

extension BackendConformance {
    static let continuing: [ConformanceCase] = [
        ConformanceCase("A run that continues as new goes on in a new run, once") { bench in
            let worker = try await bench.worker()
            let request = bench.request(version: "1")
            let run = try await bench.backend.start(request)
            let wait = try await bench.wait(for: run, until: .closed)
            let task = try await worker.takeRun(run)
            let commit = worker.commit(
                for: task, [.activity(), .timer(.farAway), .next(version: "2", input: [0, 255])])
            for _ in 0..<2 { try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed) }

            let next = try await bench.backend.describe(workflowID: "order", runNumber: nil)
            try expect(next.run.number > run.number, "the next run is \(next.run)")
            try expect(next.state, is: .queued, "the state")
            try expect(next.version, is: "2", "the version")
            let old = try await bench.describe(run)
            try expect(old.state, is: .continuedAsNew, "the state")
            try expect(old.outcome, is: .continuedAsNew, "the outcome")
            try expect(old.successor, is: next.run, "the successor")
            try expect(try await wait.value, is: old, "what was waited for")
            try await bench.expect(history: [.started, .turn], of: run)
            // What the old run had open is gone.
            let work = try await worker.claim()
            try expect(work.activityTasks, is: [], "the activities")
            let first = try require(work.workflowTasks.first, "task")
            try expect(work.workflowTasks.count, is: 1, "the number of tasks")
            try expect(first.claim.run, is: next.run, "the run")
            try expect(first.lastCommit, is: "", "the last commit")
            let record = StartRecord(type: "Order", version: "2", input: [0, 255])
            try expect(first.history.map(\.kind), is: [.started], "the history")
            try expect(first.history.map(\.payload), is: [record.encoded()], "the record")
            // The same start answers what it had started, another one that the workflow id is in use.
            try expect(try await bench.backend.start(request), is: run)
            try await expect(.alreadyRunning) { try await bench.start() }
            try expect(try await worker.commit(first, .complete([5])), is: .committed)
            try expect(try await bench.describe(run), is: old, "the old run")
            try await bench.start()
        },
        ConformanceCase("The signals that a run hands on come first in the next, in order, however many") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            for index in 0..<600 { try await bench.signal(run, "s\(index)", payload: [UInt8(index % 256)]) }
            let task = try await worker.takeRun(run)
            let numbers = (2...601).filter { $0 % 100 != 0 }
            let commit = worker.commit(for: task, [.next(carrying: numbers)], through: 601)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            let next = try await bench.backend.describe(workflowID: "order", runNumber: nil).run
            let history = try await bench.history(of: next)
            try await bench.expect(
                history: [.started] + Array(repeating: .signalled, count: numbers.count), of: next)
            let old = try await bench.history(of: run)
            try expect(
                history.dropFirst().map(\.payload), is: numbers.map { old[$0 - 1].payload }, "the signals")
            try expect(try await bench.describe(next).lastArrival, is: numbers.count + 1, "lastArrival")
        },
        ConformanceCase("What a run that closes regardless had not seen goes to the next, if it is for that") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try await bench.signal(run, "seen")
            try expect(
                try await worker.commit(worker.takeRun(run), .activity(), .timer(Timestamp(milliseconds: 1))),
                is: .committed)
            try await bench.signal(run, "held")
            let work = try await worker.claim(workflows: 1, activities: 1)
            let task = try require(work.workflowTasks.first, "task")
            try await bench.signal(run, "unseen")
            _ = try await bench.backend.requestCancel(workflowID: "order", runNumber: nil, reason: "why")
            let activity = try require(work.activityTasks.first, "activity")
            try expect(try await worker.complete(activity), is: .resolved)
            try await bench.signal(run, "last")
            let held = try require(task.history.first { $0.kind == .signalled && $0.number > task.through }, "signal")
            let last = task.history.last(where: \.isArrival)?.number
            let refused = try await worker.commit(task, .next(), through: last, from: 2)
            guard case .refused = refused else { throw ConformanceFailure("the answer is \(refused)") }
            let next = Decision.Step.next(carrying: [held.number])
            try expect(
                try await worker.commit(task, next, through: last, from: 2, regardless: true), is: .committed)
            let new = try await worker.takeRun()
            try expect(
                new.history.map(\.kind), is: [.started, .signalled, .signalled, .cancelRequested, .signalled], "kinds")
            let ids = try new.history.filter { $0.kind == .signalled }.map { try SignalRecord(decoding: $0.payload).id }
            try expect(ids, is: ["held", "unseen", "last"], "the signals")
            try expect(new.history[3].payload, is: Array("why".utf8), "the reason")
            // It was asked already.
            _ = try await bench.backend.requestCancel(workflowID: "order", runNumber: nil, reason: "again")
            try expect(try await bench.describe(new.claim.run).lastEntry, is: 5, "the last entry")
        },
        ConformanceCase("A request to end that a run hands on reaches the next, another that it has seen doesn't") {
            bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            _ = try await bench.backend.requestCancel(workflowID: "order", runNumber: nil, reason: "why")
            try expect(
                try await worker.commit(worker.takeRun(run), .next(carrying: [2]), through: 2), is: .committed)
            let next = try await worker.takeRun()
            try expect(next.history.map(\.kind), is: [.started, .cancelRequested], "kinds")
            try expect(next.history[1].payload, is: Array("why".utf8), "the reason")
            // It was asked already.
            _ = try await bench.backend.requestCancel(workflowID: "order", runNumber: nil, reason: "again")
            try expect(try await worker.commit(next, .next(), through: 2), is: .committed)
            try expect(try await worker.takeRun().history.map(\.kind), is: [.started], "kinds")
        },
        ConformanceCase("What is for a run that continued as new reaches the newest after it") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            for _ in 0..<3 { try expect(try await worker.commit(worker.takeRun(), .next()), is: .committed) }
            let newest = try await bench.backend.describe(workflowID: "order", runNumber: nil).run
            try expect(try await bench.signal(run, "s"), is: newest, "the run that was signalled")
            let asked = try await bench.backend.requestCancel(
                workflowID: "order", runNumber: run.number, reason: "r")
            try expect(asked, is: newest, "the run that was asked")
            try await bench.expect(history: [.started, .signalled, .cancelRequested], of: newest)
            let ended = try await bench.backend.terminate(workflowID: "order", runNumber: run.number, reason: "r")
            try expect(ended, is: newest, "the run that was ended")
            // A later start is not what they went on in.
            let other = try await bench.start()
            try await expect(.runClosed) { try await bench.signal(run, "late") }
            try await expect(.runClosed) {
                try await bench.backend.terminate(workflowID: "order", runNumber: run.number, reason: "r")
            }
            try expect(try await worker.commit(worker.takeRun(other), .next()), is: .committed)
            try await expect(.runClosed) { try await bench.signal(run, "late") }
            try await bench.signal(other, "s")
        },
        ConformanceCase("A paused run that continues as new is paused in the next") { bench in
            let worker = try await bench.worker()
            let task = try await worker.startAndTake()
            try await bench.backend.pause(task.claim.run)
            try expect(try await worker.commit(task, .next()), is: .committed)
            try await worker.expectNothing()
            let next = try await bench.backend.describe(workflowID: "order", runNumber: nil)
            try expect(next.state, is: .paused, "the state")
            try await bench.backend.resume(next.run)
            _ = try await worker.takeRun(next.run)
        },
        ConformanceCase("The run after one that continues as new wakes a worker") { bench in
            let worker = try await bench.worker()
            let sleeper = try await bench.worker()
            let task = try await worker.startAndTake()
            try await sleeper.expectWake(by: "the next run") {
                try expect(try await worker.commit(task, .next()), is: .committed)
            }
            _ = try await sleeper.takeRun()
        },
        ConformanceCase("A start is still known after its run continued as new many times") { bench in
            let worker = try await bench.worker()
            let request = bench.request()
            let run = try await bench.backend.start(request)
            for _ in 0..<200 { try expect(try await worker.commit(worker.takeRun(), .next()), is: .committed) }
            try expect(try await bench.backend.start(request), is: run)
            try await bench.signal(run, "s")
        },
        ConformanceCase(
            "Removing the old runs leaves the newest as it is", retention: Retention(age: .seconds(60), count: 0)
        ) { bench in
            let worker = try await bench.worker()
            let parent = try await bench.startParent(worker, .child())
            var runs: [RunID] = []
            for _ in 0..<3 {
                let task = try await worker.takeRun()
                runs.append(task.claim.run)
                try expect(try await worker.commit(task, .next()), is: .committed)
            }
            for run in runs { try await bench.awaitRemoval(of: run, worker) }
            try await expect(.runNotFound) { try await bench.signal(runs[0], "s") }
            let newest = try await bench.backend.describe(workflowID: "child", runNumber: nil)
            try expect(newest.state, is: .queued, "the state")
            try await expect(.alreadyRunning) { try await bench.start("child") }
            try await bench.signal(newest.run, "s")
            try expect(try await worker.commit(worker.takeRun(newest.run), .next(carrying: [2])), is: .committed)
            try expect(try await worker.commit(worker.takeRun(), .complete([3])), is: .committed)
            try expect(try await worker.takeRun(parent).history.last?.payload, is: [3], "the output")
        },
        ConformanceCase("Continuing that can't be meant is refused") { bench in
            let worker = try await bench.worker()
            let task = try await worker.startAndTake()
            let whole = worker.commit(for: task, [.next()])
            var commit = whole
            commit.result = nil
            try await expect(.invalidRequest) { try await bench.backend.commit(commit, claiming: nil) }
            commit.result = 0..<1000
            try await expect(.invalidRequest) { try await bench.backend.commit(commit, claiming: nil) }
            commit.result = 0..<1
            try await expect(.invalidRequest) { try await bench.backend.commit(commit, claiming: nil) }
            try await bench.expect(history: [.started], of: task.claim.run)
            try expect(try await bench.backend.commit(whole, claiming: nil).answer, is: .committed)
        },
    ]
}

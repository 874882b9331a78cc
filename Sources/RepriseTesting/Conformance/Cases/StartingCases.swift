import Reprise

extension BackendConformance {
    static let starting: [ConformanceCase] = [
        ConformanceCase("A start makes a queued run whose history begins with started") { bench in
            let record = StartRecord(type: "Order", version: "7", input: [1, 2, 3])
            let run = try await bench.backend.start(
                StartRequest(requestID: "r", workflowID: "order", queue: "main", record: record))
            try expect(run.workflowID, is: "order")
            let description = try await bench.describe(run)
            try expect(description.run, is: run)
            try expect(description.state, is: .queued)
            try expect(description.type, is: "Order")
            try expect(description.queue, is: "main")
            try expect(description.version, is: "7")
            try expect(description.lastEntry, is: 1)
            try expect(description.lastArrival, is: 1)
            try expect(description.through, is: 0)
            try expect(description.turnFailures, is: 0)
            try expect(description.closedAt == nil && description.dueAt == nil, "\(description)")
            try expect(description.reason == nil && description.outcome == nil, "\(description)")
            try await bench.expect(history: [.started], of: run)
            let entry = try await bench.history(of: run)[0]
            try expect(entry.payload, is: record.encoded(), "the payload")
            try expect(description.startedAt, is: entry.time, "startedAt")
        },
        ConformanceCase("A start that is sent again answers the same run and starts nothing") { bench in
            let request = bench.request()
            let run = try await bench.backend.start(request)
            try expect(try await bench.backend.start(request), is: run)
            try await bench.expect(history: [.started], of: run)
            let worker = try await bench.worker()
            try expect(try await worker.claim().workflowTasks.count, is: 1, "the number of tasks")
            try await worker.expectNothing()
        },
        ConformanceCase("A start that is sent again answers its run after that closed, and after the next") { bench in
            let request = bench.request()
            let run = try await bench.backend.start(request)
            let worker = try await bench.worker()
            try expect(try await worker.commit(worker.takeRun(), .complete([])), is: .committed)
            try expect(try await bench.backend.start(request), is: run)
            try await bench.expect(run, is: .completed)
            let second = try await bench.start()
            try expect(second.number > run.number, "run \(second) isn't newer than \(run)")
            try expect(try await bench.backend.start(request), is: run)
            try await bench.expect(second, is: .queued)
        },
        ConformanceCase("Another start of an open workflow id is refused and names the open run") { bench in
            let run = try await bench.start()
            let error = try await expect(.alreadyRunning) { try await bench.start() }
            try expect(error.run, is: run, "the error's run")
            try await bench.expect(history: [.started], of: run)
        },
        ConformanceCase("A closed workflow id can be started again, with a history of its own") { bench in
            let worker = try await bench.worker()
            let first = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(), .complete([1])), is: .committed)
            let second = try await bench.start()
            try await bench.expect(first, is: .completed)
            try await bench.expect(history: [.started, .turn], of: first)
            try await bench.expect(history: [.started], of: second)
            let newest = try await bench.backend.describe(workflowID: "order", runNumber: nil)
            try expect(newest.run, is: second, "the newest run")
            let task = try await worker.takeRun(second)
            try expect(task.through, is: 0, "through")
            try expect(task.lastCommit, is: "", "lastCommit")
        },
        ConformanceCase("The same request id under another workflow id is another start") { bench in
            let first = try await bench.backend.start(bench.request("one", request: "r"))
            let second = try await bench.backend.start(bench.request("two", request: "r"))
            try expect(first != second, "both are \(first)")
        },
        ConformanceCase("A workflow id has 1 to 255 bytes") { bench in
            try await expect(.invalidRequest) { try await bench.start("") }
            try await expect(.invalidRequest) { try await bench.start(String(repeating: "é", count: 128)) }
            let longest = String(repeating: "é", count: 127) + "e"
            let run = try await bench.start(longest)
            try expect(try await bench.describe(run).run.workflowID, is: longest)
        },
    ]

    static let startingLater: [ConformanceCase] = [
        ConformanceCase("A delayed start is delayed until it is due, and then queued with started") { bench in
            let worker = try await bench.worker()
            let due = try await worker.now().advanced(by: .milliseconds(500))
            let request = bench.request(at: due)
            let run = try await bench.backend.start(request)
            try expect(try await bench.backend.start(request), is: run)
            let description = try await bench.describe(run)
            try expect(description.state, is: .delayed)
            try expect(description.dueAt, is: due, "dueAt")
            try expect(description.startedAt == nil, "\(description)")
            try await bench.expect(history: [.scheduled], of: run)
            try expect(try await bench.history(of: run)[0].payload, is: request.record.encoded(), "the payload")
            try await expect(.alreadyRunning) { try await bench.start() }
            try expect(try await worker.claim().nextDue, is: due, "nextDue")

            let task = try await worker.expectAt(due, "the start") { $0.workflowTasks.first }
            try expect(task.history.map(\.kind), is: [.scheduled, .started])
            try expect(task.history[1].payload, is: [], "the payload of started")
            try expect(task.history[1].time >= due, "started at \(task.history[1].time), before \(due)")
            let started = try await bench.describe(run)
            try expect(started.startedAt, is: task.history[1].time, "startedAt")
            try expect(started.dueAt == nil, "\(started)")
        },
        ConformanceCase("A start at a past time starts now") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start(at: worker.now().advanced(by: .milliseconds(-1)))
            try await bench.expect(run, is: .queued)
            try await bench.expect(history: [.started], of: run)
        },
        ConformanceCase("Signals to a delayed start are recorded before started and don't wake it") { bench in
            let worker = try await bench.worker()
            let due = try await worker.now().advanced(by: .milliseconds(500))
            let run = try await bench.start(at: due)
            try await bench.signal(run, "one")
            try await bench.signal(run, "two")
            try await bench.expect(run, is: .delayed)
            let task = try await worker.expectAt(due, "the start") { $0.workflowTasks.first }
            try expect(task.history.map(\.kind), is: [.scheduled, .signalled, .signalled, .started])
        },
    ]
}

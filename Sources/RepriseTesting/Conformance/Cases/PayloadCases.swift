import Reprise

extension BackendConformance {
    /// Ids and names that have a meaning to one or the other store or format.
    private static let odd = [
        "a:b:c", "{a}{b}", "a b  c ", " ", "\"quoted\" \\ back", "per%cent%d", "new\nline\r\n", "nul\0byte", "*?[a-z]",
        "0",
        "-1", "ünïcödé", "日本語", "👩‍👩‍👧‍👦", "e\u{301}", "\u{301}e", String(repeating: "x", count: 255),
    ]

    static let payloads: [ConformanceCase] = [
        ConformanceCase("Workflow ids may hold any characters") { bench in
            let worker = try await bench.worker()
            for id in odd {
                let run = try await bench.start(id)
                try expect(Array(run.workflowID.utf8), is: Array(id.utf8), "the id")
                try await bench.signal(run, "s")
                let activity = try await worker.scheduleAndTake(run)
                try expect(activity.claim.run, is: run)
                try expect(try await worker.complete(activity), is: .resolved)
                try expect(try await worker.commit(worker.takeRun(run), .complete([]), from: 1), is: .committed)
                let description = try await bench.backend.describe(workflowID: id, runNumber: nil)
                try expect(description.run, is: run)
                try await bench.expect(
                    history: [.started, .signalled, .turn, .activityCompleted, .turn], of: run)
                try expect(try await bench.backend.wait(for: run, until: .closed).run, is: run)
            }
        },
        ConformanceCase("Names of types, activities, queues and versions may hold any characters") { bench in
            for name in odd {
                let worker = try await bench.worker(queue: name, workflows: [name], activities: [name])
                let run = try await bench.backend.start(
                    StartRequest(
                        requestID: name, workflowID: name, queue: name,
                        record: StartRecord(type: name, version: name, input: Array(name.utf8))))
                let stranger = try await bench.worker(queue: name)
                try expect(try await stranger.claim().parked.map(\.type), is: [name], "the parked types")
                let task = try await worker.takeRun(run)
                try expect(task.type, is: name, "the type")
                try expect(task.queue, is: name, "the queue")
                let start = try StartRecord(decoding: task.history[0].payload)
                try expect(start, is: StartRecord(type: name, version: name, input: Array(name.utf8)))
                try expect(try await worker.commit(task, .activity(name, queue: name)), is: .committed)
                let activity = try await worker.takeActivity()
                try expect(activity.name, is: name, "the name")
                try expect(activity.workflowType, is: name, "the type")
                let failure = FailureRecord(type: name, message: name)
                let answer = try await worker.complete(activity, with: .failed(failure, isRetryable: false))
                try expect(answer, is: .resolved)
                let failed = try await worker.takeRun(run)
                let record = try FailureRecord(decoding: require(failed.history.last, "history").payload)
                try expect(record, is: FailureRecord(type: name, message: name, attempts: 1))
                try expect(try await worker.release(failed, .block(reason: name)), is: .released)
                let description = try await bench.describe(run)
                try expect(description.reason, is: name, "the reason")
                try expect(description.version, is: name, "the version")
            }
        },
        ConformanceCase("Payloads of any bytes come back as they were sent") { bench in
            let worker = try await bench.worker()
            let every = (0...255).map { UInt8($0) }
            let invalid: [UInt8] = [0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]
            let digits = Array("12:34:5".utf8)
            let large = (0..<400).flatMap { _ in every }
            for (index, payload) in [every, [], invalid, digits, [0], [13, 10], large].enumerated() {
                let run = try await bench.backend.start(bench.request("order-\(index)", input: payload))
                try await bench.signal(run, "s", payload: payload)
                let task = try await worker.takeRun(run)
                try expect(try StartRecord(decoding: task.history[0].payload).input, is: payload, "the input")
                try expect(try SignalRecord(decoding: task.history[1].payload).payload, is: payload, "the signal")
                let answer = try await worker.commit(
                    task, .activity(input: payload), .activity(input: []), .activity(input: payload))
                try expect(answer, is: .committed)
                let activities = try await worker.claim().activityTasks
                try expect(activities.map(\.input), is: [payload, [], payload], "the inputs")
                for activity in activities {
                    try expect(try await worker.complete(activity, payload), is: .resolved)
                }
                let last = try await worker.takeRun(run)
                try expect(last.history.suffix(3).map(\.payload), is: [payload, payload, payload], "the outputs")
                try expect(try await worker.commit(last, .complete(payload), from: 3), is: .committed)
                try expect(try await bench.describe(run).outcome, is: .completed(payload), "the outcome")
            }
        },
        ConformanceCase("A large payload goes all the way") { bench in
            let worker = try await bench.worker()
            let large = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 131) }
            let run = try await bench.backend.start(bench.request(input: large))
            let task = try await worker.takeRun(run)
            try expect(try StartRecord(decoding: task.history[0].payload).input == large, "the input was changed")
            try expect(try await worker.commit(task, .activity(input: large)), is: .committed)
            let activity = try await worker.takeActivity()
            try expect(activity.input == large, "the activity's input was changed")
            try expect(try await worker.complete(activity, large), is: .resolved)
            let last = try await worker.takeRun(run)
            let whole = try await bench.history(of: run)
            try expect(whole.last?.payload == large, "the output was changed")
            try expect(try await worker.commit(last, .complete(large), through: 3, from: 1), is: .committed)
            try expect(try await bench.describe(run).outcome == .completed(large), "the outcome was changed")
        },
    ]
}

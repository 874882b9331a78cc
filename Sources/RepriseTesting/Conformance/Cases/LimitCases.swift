import Reprise

extension BackendConformance {
    private static let long = String(repeating: "x", count: LengthLimits.name + 1)

    /// Names that no backend takes.
    private static let wrongNames = ["", long, String(repeating: "é", count: LengthLimits.name / 2 + 1)]

    static let limits: [ConformanceCase] = [
        ConformanceCase("A start with a name that is empty or too long is refused") { bench in
            for name in wrongNames {
                let valid = bench.request()
                var requests = [valid, valid, valid, valid]
                requests[0].workflowID = name
                requests[1].requestID = name
                requests[2].queue = name
                requests[3].record.type = name
                for request in requests {
                    try await expect(.invalidRequest, from: { try await bench.backend.start(request) })
                }
            }
            try await expect(.invalidRequest, from: { try await bench.backend.start(bench.request(version: long)) })
            try await expect(
                .runNotFound, from: { try await bench.backend.describe(workflowID: "order", runNumber: nil) })
        },
        ConformanceCase("A signal with a name that is empty or too long is refused") { bench in
            let run = try await bench.start()
            for name in wrongNames {
                for signal in [SignalRecord(id: name, name: "a", payload: []), .init(id: "a", name: name, payload: [])]
                {
                    try await expect(
                        .invalidRequest,
                        from: { try await bench.backend.signal(signal, workflowID: "order", runNumber: nil) })
                }
            }
            try await bench.expect(history: [.started], of: run)
        },
        ConformanceCase("A worker with a name that is too long, or with too many types, is refused") { bench in
            let valid = WorkerRegistration(
                id: "w", name: "", queue: "q", workflowTypes: [], activityNames: [], lease: .seconds(1))
            try await bench.backend.register(valid)
            var wrong = Array(repeating: valid, count: 9)
            wrong[0].id = ""
            wrong[1].id = "with blank"
            wrong[2].name = long
            wrong[3].queue = long
            wrong[4].buildID = long
            wrong[5].workflowTypes = [long]
            wrong[6].activityNames = [""]
            wrong[7].workflowTypes = (0...LengthLimits.types).map { "\($0)" }
            wrong[8].id = long
            for registration in wrong {
                try await expect(.invalidRequest, from: { try await bench.backend.register(registration) })
            }
            try await bench.backend.unregister(worker: "w")
        },
        ConformanceCase("A commit with a name that is too long is refused whole, and the claim stands") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            let types = (0...LengthLimits.errorTypes).map { "E\($0)" }
            let steps: [Decision.Step] = [
                .activity(long), .activity(queue: long), .activity(""),
                .activity(retry: .exponential(nonRetryable: types)),
                .activity(retry: .exponential(nonRetryable: [long])),
                .child(long), .child("child", type: long), .child("child", queue: long),
            ]
            for step in steps {
                try await expect(.invalidRequest, from: { try await worker.commit(task, step) })
            }
            try await bench.expect(history: [.started], of: run)
            try expect(try await worker.commit(task, .complete([])), is: .committed)
        },
        ConformanceCase("A reason that is too long is cut, with a mark") { bench in
            let reason = String(repeating: "é", count: LengthLimits.text)
            let cut = String(repeating: "é", count: (LengthLimits.text - 3) / 2) + "…"
            let worker = try await bench.worker()
            let run = try await bench.start()
            try expect(try await worker.release(worker.takeRun(run), .block(reason: reason)), is: .released)
            try expect(try await bench.describe(run).reason, is: cut, "the reason")
            try await bench.cancel(run, reason)
            try await bench.terminate(run, reason)
            try expect(try await bench.describe(run).outcome, is: .terminated(reason: cut), "the outcome")
            let history = try await bench.history(of: run)
            try expect(
                history.map { String(decoding: $0.payload, as: UTF8.self) }.suffix(2), is: [cut, cut], "the entries")
        },
        ConformanceCase("Workflow ids are told apart by their bytes, also if they look the same") { bench in
            let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
            let one = try await bench.start(composed)
            let two = try await bench.start(decomposed)
            try expect(one.number != two.number, "\(one) is \(two)")
            try expect(one != two, "\(one) is \(two)")
            try await bench.terminate(one)
            try await bench.expect(two, is: .queued)
            try expect(try await bench.describe(one).state, is: .terminated)
            try await bench.terminate(two)
        },
        ConformanceCase("Queues, types and activities are told apart by their bytes, also if they look the same") {
            bench in
            let (composed, decomposed) = ("caf\u{e9}", "cafe\u{301}")
            let one = try await bench.worker(queue: composed, workflows: [composed], activities: [composed])
            let other = try await bench.worker(
                queue: decomposed, workflows: [composed, decomposed], activities: [decomposed])
            try await one.expectNothing()
            let run = try await bench.start("a", type: composed, queue: decomposed)
            try await one.expectNothing()
            let strange = try await bench.start("b", type: decomposed, queue: composed)
            let parked = try await one.claim()
            try expect(parked.workflowTasks.map(\.claim.run), is: [])
            try expect(parked.parked.map(\.run), is: [strange])

            let task = try await other.takeRun(run)
            let answer = try await other.commit(
                task, .activity(composed, queue: composed), .activity(composed, queue: decomposed))
            try expect(answer, is: .committed)
            let work = try await other.claim()
            try expect(work.activityTasks.map(\.name), is: [])
            try expect(work.parked.map(\.run), is: [run])
            try expect(try await one.takeActivity().name, is: composed)
            try await one.expectNothing()
        },
    ]
}

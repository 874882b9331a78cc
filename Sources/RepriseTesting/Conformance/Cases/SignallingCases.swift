import Reprise

extension BackendConformance {
    static let signalling: [ConformanceCase] = [
        ConformanceCase("A signal queues an idle run and is recorded as it was sent") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun()), is: .committed)
            try await bench.expect(run, is: .idle)
            let record = SignalRecord(id: "s:1", name: "approve {x}", payload: [0, 255, 10, 13])
            let answer = try await bench.backend.signal(record, workflowID: "order", runNumber: nil)
            try expect(answer, is: run)
            try await bench.expect(run, is: .queued)
            let task = try await worker.takeRun(run)
            let entry = try require(task.history.last, "history")
            try expect(entry.kind, is: .signalled)
            try expect(try SignalRecord(decoding: entry.payload), is: record, "the signal")
        },
        ConformanceCase("A signal that is sent again answers the same, and has one or two entries") { bench in
            let run = try await bench.start()
            let record = SignalRecord(id: "s", name: "note", payload: [1])
            for _ in 0..<2 {
                try expect(
                    try await bench.backend.signal(record, workflowID: "order", runNumber: run.number), is: run)
            }
            let signals = try await bench.history(of: run).filter { $0.kind == .signalled }
            try expect((1...2).contains(signals.count), "there are \(signals.count) entries")
            for signal in signals { try expect(try SignalRecord(decoding: signal.payload), is: record) }
            let worker = try await bench.worker()
            try expect(try await worker.claim().workflowTasks.count, is: 1, "the number of tasks")
        },
        ConformanceCase("Signals are recorded in the order of the calls, whatever state the run is in") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try await bench.signal(run, "queued")
            let task = try await worker.takeRun(run)
            try await bench.signal(run, "leased")
            try await bench.expect(run, is: .leased)
            try expect(try await worker.commit(task), is: .committed)
            try await bench.expect(run, is: .queued)
            let second = try await worker.takeRun(run)
            try expect(second.through, is: 2, "through")
            try expect(try await worker.commit(second), is: .committed)
            try await bench.expect(run, is: .idle)
            try await bench.signal(run, "idle")
            let third = try await worker.takeRun(run)
            try expect(try await worker.release(third, .block(reason: "stuck")), is: .released)
            try await bench.signal(run, "blocked")
            try await bench.expect(run, is: .blocked)
            let signals = try await bench.history(of: run).filter { $0.kind == .signalled }
            let ids = try signals.map { try SignalRecord(decoding: $0.payload).id }
            try expect(ids, is: ["queued", "leased", "idle", "blocked"], "the order")
        },
        ConformanceCase("A signal to a queued run doesn't queue it twice") { bench in
            let run = try await bench.start()
            for index in 0..<5 { try await bench.signal(run, "\(index)") }
            let worker = try await bench.worker()
            try expect(try await worker.claim().workflowTasks.count, is: 1, "the number of tasks")
            try await worker.expectNothing()
        },
        ConformanceCase("A signal to an unknown run or a closed one is refused and recorded nowhere") { bench in
            let worker = try await bench.worker()
            let record = SignalRecord(id: "s", name: "note", payload: [])
            try await expect(.runNotFound) {
                try await bench.backend.signal(record, workflowID: "order", runNumber: nil)
            }
            let first = try await bench.start()
            try await expect(.runNotFound) {
                try await bench.backend.signal(record, workflowID: "order", runNumber: first.number + 1000)
            }
            try await expect(.runNotFound) {
                try await bench.backend.signal(record, workflowID: "other", runNumber: first.number)
            }
            try expect(try await worker.commit(worker.takeRun(), .complete([])), is: .committed)
            let error = try await expect(.runClosed) {
                try await bench.backend.signal(record, workflowID: "order", runNumber: nil)
            }
            try expect(error.run, is: first, "the error's run")
            let second = try await bench.start()
            try await expect(.runClosed) { try await bench.signal(first, "s") }
            try await bench.expect(history: [.started, .turn], of: first)
            try await bench.expect(history: [.started], of: second)
        },
    ]
}

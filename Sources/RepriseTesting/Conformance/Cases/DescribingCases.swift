import Reprise

extension BackendConformance {
    static let describing: [ConformanceCase] = [
        ConformanceCase("Unknown runs are not found") { bench in
            let backend = bench.backend
            let nobody = RunID(workflowID: "nobody", number: 1)
            try await expect(.runNotFound) { try await backend.describe(workflowID: "nobody", runNumber: nil) }
            try await expect(.runNotFound) { try await backend.history(of: nobody, after: 0, limit: 10) }
            try await expect(.runNotFound) { try await backend.wait(for: nobody, until: .closed) }
            try await expect(.runNotFound) { try await backend.unblock(nobody) }
            let run = try await bench.start()
            let other = RunID(workflowID: "other", number: run.number)
            try await expect(.runNotFound) { try await bench.describe(other) }
            try await expect(.runNotFound) { try await backend.history(of: other, after: 0, limit: 10) }
            try await expect(.runNotFound) { try await backend.wait(for: other, until: .closed) }
            try await expect(.runNotFound) { try await backend.unblock(other) }
        },
        ConformanceCase("A history is read from any place, in pages, and ends with none") { bench in
            let run = try await bench.start()
            for index in 1...9 { try await bench.signal(run, "\(index)") }
            let whole = try await bench.backend.history(of: run, after: 0, limit: 100)
            try expect(whole.map(\.number), is: Array(1...10), "the numbers")
            for limit in 1...4 {
                try expect(try await bench.history(of: run, pages: limit), is: whole, "the history")
            }
            let middle = try await bench.backend.history(of: run, after: 4, limit: 3)
            try expect(middle.map(\.number), is: [5, 6, 7], "the numbers")
            try expect(try await bench.backend.history(of: run, after: 10, limit: 3), is: [])
            try expect(try await bench.backend.history(of: run, after: 4711, limit: 3), is: [])
        },
        ConformanceCase("A long history comes in pages, also with a task") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            for index in 0..<1500 { try await bench.signal(run, "\(index)", payload: [UInt8](repeating: 1, count: 40)) }
            let whole = try await bench.history(of: run)
            try expect(whole.map(\.number), is: Array(1...1501), "the numbers")
            let task = try await worker.takeRun(run)
            try expect(task.historyStart, is: 0, "historyStart")
            try expect(task.hasMore, is: true, "hasMore")
            try expect(!task.history.isEmpty, "the task has no history")
            try expect(task.history, is: Array(whole.prefix(task.history.count)), "the task's history")
            try expect(try await worker.commit(task, through: 1501), is: .committed)
            try await bench.expect(run, is: .idle)
        },
        ConformanceCase("Large entries come in smaller pages, and at least one at a time") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let payload = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            for index in 0..<8 { try await bench.signal(run, "\(index)", payload: payload) }
            let entries = try await bench.history(of: run)
            try expect(entries.count, is: 9, "the number of entries")
            for entry in entries.dropFirst() {
                try expect(try SignalRecord(decoding: entry.payload).payload == payload, "a payload was changed")
            }
            let task = try await worker.takeRun(run)
            try expect(task.history.count < 9 && task.hasMore, "\(task.history.count) entries in one task")
        },
        ConformanceCase("A worker that made the last commit gets the rest of the history, another the whole") { bench in
            let one = try await bench.worker()
            let other = try await bench.worker()
            let run = try await bench.start()
            let first = try await one.takeRun(run)
            try expect(first.historyStart, is: 0, "historyStart")
            try expect(first.history.map(\.kind), is: [.started])
            try await bench.signal(run, "a")
            try expect(try await one.commit(first, .activity(), through: 1), is: .committed)
            try await bench.signal(run, "b")

            let second = try await one.takeRun(run)
            try expect(second.through, is: 1, "through")
            try expect(second.lastCommit, is: first.claim.nonce, "lastCommit")
            try expect(second.historyStart, is: 1, "historyStart")
            try expect(second.history.map(\.kind), is: [.signalled, .turn, .signalled])
            try expect(second.history.map(\.number), is: [2, 3, 4], "the numbers")
            try expect(second.hasMore, is: false, "hasMore")
            try expect(try await one.release(second, .handBack), is: .released)

            let third = try await other.takeRun(run)
            try expect(third.historyStart, is: 0, "historyStart")
            try expect(third.history.map(\.kind), is: [.started, .signalled, .turn, .signalled])
            try expect(third.lastCommit, is: first.claim.nonce, "lastCommit")
            try expect(third.claim.epoch > second.claim.epoch, "epochs \(second.claim) and \(third.claim)")
            try expect(try await other.commit(third), is: .committed)
            try await bench.signal(run, "c")
            let fourth = try await one.takeRun(run)
            try expect(fourth.historyStart, is: 0, "historyStart")
        },
        ConformanceCase("A worker that has seen all gets only what came after its turn") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let first = try await worker.takeRun(run)
            try expect(try await worker.commit(first, .activity()), is: .committed)
            try await bench.signal(run, "a")
            let second = try await worker.takeRun(run)
            try expect(second.historyStart, is: 2, "historyStart")
            try expect(second.history.map(\.kind), is: [.signalled])
            try expect(try await worker.commit(second), is: .committed)
            try await bench.signal(run, "b")
            let third = try await worker.takeRun(run)
            try expect(third.history.map(\.kind), is: [.signalled])
            try expect(third.history.map(\.number), is: [third.historyStart + 1], "the number")
        },
    ]
}

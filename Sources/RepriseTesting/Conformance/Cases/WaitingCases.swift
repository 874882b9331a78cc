import Reprise

extension BackendConformance {
    static let waiting: [ConformanceCase] = [
        ConformanceCase("A wait for the end is pushed the outcome") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let description = try await bench.wait(for: run, until: .closed)
            let task = try await worker.takeRun(run)
            try expect(try await worker.commit(task, .complete([4, 2])), is: .committed)
            let closed = try await description.value
            try expect(closed.state, is: .completed)
            try expect(closed.outcome, is: .completed([4, 2]), "the outcome")
            try expect(closed, is: try await bench.describe(run))
        },
        ConformanceCase("A wait answers at once if its condition holds") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let before = try await bench.describe(run)
            let task = try await worker.takeRun(run)
            let leased = try await bench.backend.wait(for: run, until: .changed(from: before))
            try expect(leased.state, is: .leased)
            try expect(try await worker.commit(task, .fail(FailureRecord(type: "T", message: "m"))), is: .committed)
            for condition in [RunCondition.closed, .changed(from: before)] {
                let closed = try await bench.backend.wait(for: run, until: condition)
                try expect(closed.state, is: .failed)
                try expect(closed.outcome, is: .failed(FailureRecord(type: "T", message: "m")), "the outcome")
            }
            let last = try await bench.describe(run)
            try expect(try await bench.backend.wait(for: run, until: .changed(from: last)), is: last)
        },
        ConformanceCase("A wait for a change is pushed each sort of change") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            func change(_ what: String, _ call: () async throws -> Void) async throws {
                let before = try await bench.describe(run)
                let after = try await bench.wait(for: run, until: .changed(from: before))
                try await call()
                try expect(try await after.value != before, "\(what) ended the wait without a change")
            }
            try await change("a signal") { try await bench.signal(run, "1") }
            try await change("a claim") { _ = try await worker.takeRun(run) }
            try await change("a recovery") { try await bench.backend.recover(worker: worker.id, keeping: []) }
            let blocked = try await worker.takeRun(run)
            try await change("a block") { _ = try await worker.release(blocked, .block(reason: "stuck")) }
            try await change("an unblock") { try await bench.backend.unblock(run) }
            let delayed = try await worker.takeRun(run)
            try await change("a failed turn") {
                _ = try await worker.release(delayed, .retry(after: .zero, reason: "again"))
            }
            let handedBack = try await worker.awaitRun()
            try await change("a hand back") { _ = try await worker.release(handedBack, .handBack) }
            let task = try await worker.takeRun(run)
            try await change("a turn") { _ = try await worker.commit(task, .activity()) }
            let activity = try await worker.takeActivity()
            try await change("a completion") { _ = try await worker.complete(activity) }
            let last = try await worker.takeRun(run)
            try await change("the end") { _ = try await worker.commit(last, .complete([]), from: 1) }
        },
        ConformanceCase("A wait for the end is not ended by other changes") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let closed = try await bench.wait(for: run, until: .closed)
            for index in 0..<20 {
                try await bench.signal(run, "\(index)")
                try expect(try await worker.commit(worker.takeRun(run)), is: .committed)
            }
            try await bench.signal(run, "last")
            try expect(try await worker.commit(worker.takeRun(run), .complete([])), is: .committed)
            try expect(try await closed.value.state, is: .completed)
        },
        ConformanceCase("A wait is given up by cancelling its task, and others go on") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let other = try await bench.wait(for: run, until: .closed)
            let waiter = try await bench.wait(for: run, until: .closed)
            waiter.cancel()
            try await expect(.cancelled) { try await waiter.value }
            try expect(try await worker.commit(worker.takeRun(run), .complete([])), is: .committed)
            try expect(try await other.value.state, is: .completed)
        },
        ConformanceCase("Waiting for one change after the other misses none") { bench in
            let run = try await bench.start()
            // Each signal is sent when the one before was seen: a change that is missed is waited for without end.
            var last = try await bench.describe(run)
            for index in 0..<100 {
                let old = last
                async let next = bench.backend.wait(for: run, until: .changed(from: old))
                try await bench.signal(run, "\(index)")
                last = try await next
                try expect(last.lastEntry, is: index + 2, "lastEntry")
            }
        },
        ConformanceCase("A wait that is given up takes nothing from one that begins at once") { bench in
            let run = try await bench.start()
            for index in 0..<20 {
                let before = try await bench.describe(run)
                let first = Task { try await bench.backend.wait(for: run, until: .changed(from: before)) }
                if index % 2 == 0 { try await bench.letBegin() }
                first.cancel()
                _ = await first.result
                async let second = bench.backend.wait(for: run, until: .changed(from: before))
                if index % 4 < 2 { try await bench.letBegin() }
                try await bench.signal(run, "\(index)")
                try expect(try await second != before, "nothing changed")
            }
        },
        ConformanceCase("Many waits for many runs each get their own") { bench in
            let worker = try await bench.worker()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    let run = try await bench.start("order-\(index)")
                    for _ in 0..<2 {
                        group.addTask {
                            let closed = try await bench.backend.wait(for: run, until: .closed)
                            try expect(closed.run, is: run, "the run")
                            try expect(closed.outcome, is: .completed(Array(run.workflowID.utf8)), "the outcome")
                        }
                    }
                }
                for task in try await worker.claim(workflows: 20).workflowTasks {
                    _ = try await worker.commit(task, .complete(Array(task.claim.run.workflowID.utf8)))
                }
                try await group.waitForAll()
            }
        },
    ]
}

import Reprise

extension BackendConformance {
    static let blocking: [ConformanceCase] = [
        ConformanceCase("A blocked run keeps its reason and waits, and arrivals don't wake it") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            for _ in 0..<2 {
                try expect(try await worker.release(task, .block(reason: "diverged: “a”")), is: .released)
            }
            let description = try await bench.describe(run)
            try expect(description.state, is: .blocked)
            try expect(description.reason, is: "diverged: “a”", "the reason")
            try expect(description.turnFailures, is: 1, "turnFailures")
            try await bench.signal(run, "t")
            try expect(try await worker.complete(activity), is: .resolved)
            try await worker.expectNothing()
            try await bench.expect(run, is: .blocked)
            try await bench.expect(
                history: [.started, .turn, .signalled, .signalled, .activityCompleted], of: run)
            try expect(try await worker.commit(task, .complete([])), is: .fenced)
        },
        ConformanceCase("Unblocking queues the run once, with its counts cleared") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            _ = try await worker.release(task, .block(reason: "r"))
            for _ in 0..<3 { try await bench.backend.unblock(run) }
            let description = try await bench.describe(run)
            try expect(description.state, is: .queued)
            try expect(description.turnFailures, is: 0, "turnFailures")
            try expect(description.reason == nil, "there is still a reason")
            let again = try await worker.takeRun(run)
            try expect(again.turnFailures, is: 0, "turnFailures")
            try await worker.expectNothing()
            try await bench.backend.unblock(run)
            try await bench.expect(run, is: .leased)
            try expect(try await worker.commit(again), is: .committed)
            try await bench.backend.unblock(run)
            try await bench.expect(run, is: .idle)
        },
        ConformanceCase("Timers of a blocked run fire and are recorded") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let due = try await worker.now().advanced(by: .milliseconds(60))
            try expect(try await worker.commit(worker.takeRun(run), .timer(due)), is: .committed)
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            _ = try await worker.release(task, .block(reason: "r"))
            try await bench.eventually("the timer") { () -> Bool? in
                try await worker.expectNothing()
                return try await bench.history(of: run).contains { $0.kind == .timerFired } ? true : nil
            }
            try await bench.expect(run, is: .blocked)
            try await bench.backend.unblock(run)
            let kinds = try await worker.takeRun(run).history.map(\.kind)
            try expect(Set(kinds), is: [.signalled, .timerFired])
        },
        ConformanceCase("A worker of another named build unblocks the runs of its types and queue") { bench in
            let one = try await bench.worker(build: "1")
            let run = try await bench.start("order")
            _ = try await one.release(one.takeRun(run), .block(reason: "r"))
            try await bench.backend.register(one.registration)
            try await bench.expect(run, is: .blocked)
            _ = try await bench.worker(build: "1")
            _ = try await bench.worker()
            _ = try await bench.worker(workflows: ["Other"], build: "2")
            _ = try await bench.worker(queue: "elsewhere", build: "2")
            try await bench.expect(run, is: .blocked)
            let two = try await bench.worker(build: "2")
            try await bench.expect(run, is: .queued)
            let task = try await two.takeRun(run)
            try expect(task.turnFailures, is: 0, "turnFailures")
            // Now both have tried.
            _ = try await two.release(task, .block(reason: "r"))
            try await bench.backend.register(two.registration)
            try await bench.backend.register(one.registration)
            try await bench.expect(run, is: .blocked)
            try expect(try await bench.describe(run).blockage?.build, is: "2", "the build")
            _ = try await bench.worker(build: "3")
            try await bench.expect(run, is: .queued)
        },
        ConformanceCase("A build that has tried a blocked run tries again when it was unblocked by hand, or went on") {
            bench in
            let one = try await bench.worker(build: "1")
            let other = try await bench.start("other")
            _ = try await one.release(one.takeRun(other), .block(reason: "r"))
            let run = try await bench.start()
            _ = try await one.release(one.takeRun(run), .block(reason: "r"))
            let two = try await bench.worker(build: "2")
            // The other one comes first, and is kept.
            try await two.takeRun(other)
            _ = try await two.release(two.takeRun(run), .block(reason: "r"))
            try await bench.backend.unblock(run)
            _ = try await two.release(two.takeRun(run), .block(reason: "r"))
            try await bench.backend.register(one.registration)
            try await bench.expect(run, is: .queued)

            _ = try await one.commit(one.takeRun(run))
            try await bench.signal(run, "s")
            _ = try await one.release(one.takeRun(run), .block(reason: "r"))
            try await bench.backend.register(two.registration)
            try await bench.expect(run, is: .queued)
        },
        ConformanceCase("A run that an unnamed build blocked is unblocked by a named one") { bench in
            let unnamed = try await bench.worker()
            let run = try await bench.start()
            _ = try await unnamed.release(unnamed.takeRun(run), .block(reason: "r"))
            try await bench.backend.register(unnamed.registration)
            try await bench.expect(run, is: .blocked)
            _ = try await bench.worker(build: "1")
            try await bench.expect(run, is: .queued)
        },
    ]
}

import Reprise

extension BackendConformance {
    static let timers: [ConformanceCase] = [
        ConformanceCase("A timer fires at its time, once") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let due = try await worker.now().advanced(by: .milliseconds(120))
            try expect(try await worker.commit(worker.takeRun(run), .activity(), .timer(due)), is: .committed)
            _ = try await worker.takeActivity()
            let task = try await worker.expectAt(due, "the timer") { $0.workflowTasks.first }
            let fired = try require(task.history.last, "history")
            try expect(fired.kind, is: .timerFired)
            try expect(fired.reference, is: 1, "the operation")
            try expect(fired.payload, is: [], "the payload")
            try expect(fired.time >= due, "it fired at \(fired.time), before \(due)")
            try expect(try await worker.commit(task), is: .committed)
            try await bench.advance(by: .milliseconds(50))
            try await worker.expectNothing()
            try await bench.expect(history: [.started, .turn, .timerFired], of: run)
        },
        ConformanceCase("A timer that is due already fires with the next claim") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let past = try await worker.now().advanced(by: .seconds(-10))
            let commit = worker.commit(for: try await worker.takeRun(run), [.timer(past)])
            let (answer, work) = try await bench.backend.commit(commit, claiming: worker.request())
            try expect(answer, is: .committed)
            let task = try require(work?.workflowTasks.first, "workflow task")
            try expect(task.history.map(\.kind), is: [.timerFired])
        },
        ConformanceCase("Timers fire in the order of their times") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let now = try await worker.now()
            let delays = [80, 20, 60, 40, 100]
            let steps = delays.map { Decision.Step.timer(now.advanced(by: .milliseconds($0))) }
            let commit = worker.commit(for: try await worker.takeRun(run), steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            try await bench.advance(by: .milliseconds(110))
            _ = try await worker.awaitRun()
            let fired = try await bench.history(of: run).filter { $0.kind == .timerFired }
            try expect(fired.map(\.reference), is: [1, 3, 2, 0, 4], "the order")
        },
        ConformanceCase("A cancelled timer doesn't fire, and cancelling again is harmless") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let due = try await worker.now().advanced(by: .seconds(1))
            try expect(try await worker.commit(worker.takeRun(run), .timer(due)), is: .committed)
            for id in ["one", "two"] {
                try await bench.signal(run, id)
                let task = try await worker.takeRun(run)
                try expect(try await worker.commit(task, .cancel(0), .cancel(4711), from: 1), is: .committed)
            }
            try expect(try await worker.claim().nextDue == nil, "something is due")
            try await bench.advance(by: .milliseconds(1050))
            try await worker.expectNothing()
            try await bench.expect(run, is: .idle)
        },
        ConformanceCase("An operation that one turn puts in place and takes back leaves nothing") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let due = try await worker.now().advanced(by: .milliseconds(50))
            let answer = try await worker.commit(
                worker.takeRun(run), .timer(due), .activity(), .cancel(1), .cancel(0))
            try expect(answer, is: .committed)
            let work = try await worker.claim()
            try expect(work.isEmpty && work.nextDue == nil, "left: \(work)")
        },
        ConformanceCase("A timer of a leased run is recorded and queues it after the commit") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let due = try await worker.now().advanced(by: .milliseconds(60))
            try expect(try await worker.commit(worker.takeRun(run), .timer(due)), is: .committed)
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            try await bench.eventually("the timer") {
                try await worker.expectNothing()
                return try await bench.history(of: run).contains { $0.kind == .timerFired } ? true : nil
            }
            try await bench.expect(run, is: .leased)
            try expect(try await worker.commit(task, through: 1), is: .committed)
            try await bench.expect(run, is: .queued)
            let next = try await worker.takeRun(run)
            try expect(Set(next.history.map(\.kind)), is: [.turn, .signalled, .timerFired])
        },
    ]
}

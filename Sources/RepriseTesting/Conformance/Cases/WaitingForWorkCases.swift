import Reprise

extension BackendConformance {
    static let waitingForWork: [ConformanceCase] = [
        ConformanceCase("A waiting worker is woken by each sort of work") { bench in
            let worker = try await bench.worker()
            let helper = try await bench.worker(queue: "helper")
            try await worker.expectWake(by: "a start") { try await bench.start() }
            let run = try await bench.start("other", queue: "helper")
            let task = try await helper.takeRun(run)
            try expect(try await worker.commit(worker.takeRun()), is: .committed)
            try await worker.expectWake(by: "an activity") { _ = try await helper.commit(task, .activity()) }
            _ = try await worker.takeActivity()
            try await worker.expectWake(by: "a recovery") {
                try await bench.backend.recover(worker: worker.id, keeping: [])
            }
            _ = try await worker.takeActivity()
            try await worker.expectWake(by: "a signal") {
                _ = try await bench.backend.signal(
                    SignalRecord(id: "s", name: "n", payload: []), workflowID: "order", runNumber: nil)
            }
        },
        ConformanceCase("Work that came between a claim and the wait isn't missed") { bench in
            let worker = try await bench.worker()
            try await worker.expectNothing()
            try await bench.start()
            try await bench.within(.seconds(4)) { try await bench.backend.waitForWork(worker: worker.id, until: nil) }
            _ = try await worker.takeRun()
        },
        ConformanceCase("A worker that has work, and room for more, can wait for more") { bench in
            let worker = try await bench.worker()
            try await bench.start("one")
            try expect(try await worker.claim(workflows: 2).workflowTasks.count, is: 1, "the number of tasks")
            try await bench.start("two")
            let first = try await worker.waitForWork()
            try await first.value
            try expect(try await worker.claim(workflows: 2).workflowTasks.count, is: 1, "the number of tasks")
            let second = try await worker.waitForWork()
            try await bench.start("three")
            try await second.value
            _ = try await worker.takeRun()
        },
        ConformanceCase("A wait for work ends when its time has come") { bench in
            let worker = try await bench.worker()
            let due = try await worker.now().advanced(by: .milliseconds(150))
            let run = try await bench.start(at: due)
            try expect(try await worker.claim().nextDue, is: due, "nextDue")
            let wait = try await worker.waitForWork(until: due)
            try await bench.advance(by: .milliseconds(150))
            try await wait.value
            // Even the most exact sleep may end in the millisecond before.
            _ = try await worker.expectAt(due, "the start") { $0.workflowTasks.first { $0.claim.run == run } }
        },
        ConformanceCase("A waiting worker is woken for a timer that was set after it began to wait") { bench in
            let idle = try await bench.worker()
            let busy = try await bench.worker()
            let task = try await busy.startAndTake()
            try await idle.expectNothing()
            let wait = try await idle.waitForWork()
            let due = try await busy.now().advanced(by: .milliseconds(150))
            try expect(try await busy.commit(task, .timer(due)), is: .committed)
            try await bench.advance(by: .milliseconds(150))
            try await wait.value
            _ = try await idle.expectAt(due, "the timer") { $0.workflowTasks.first }
        },
        ConformanceCase("A waiting worker is woken for a timer, also if the turn took an earlier one back") { bench in
            let idle = try await bench.worker()
            let busy = try await bench.worker()
            let task = try await busy.startAndTake()
            try await idle.expectNothing()
            let wait = try await idle.waitForWork()
            let soon = try await busy.now().advanced(by: .milliseconds(100))
            let due = soon.advanced(by: .milliseconds(50))
            try expect(try await busy.commit(task, .timer(due), .timer(soon), .cancel(1)), is: .committed)
            try await bench.advance(by: .milliseconds(150))
            try await wait.value
            _ = try await idle.expectAt(due, "the timer") { $0.workflowTasks.first }
        },
        ConformanceCase("A wait for work is given up by cancelling its task, and the work goes to others") { bench in
            let one = try await bench.worker()
            let other = try await bench.worker()
            try await one.expectNothing()
            let wait = try await one.waitForWork()
            wait.cancel()
            try await expect(.cancelled) { try await wait.value }
            try await bench.backend.unregister(worker: one.id)
            try await other.expectNothing()
            let woken = try await other.waitForWork()
            try await bench.start()
            try await woken.value
            _ = try await other.takeRun()
        },
        ConformanceCase("A wait for work that is given up and begun again is woken") { bench in
            let worker = try await bench.worker()
            let due = try await worker.now().advanced(by: .seconds(60))
            try await worker.expectNothing()
            for index in 0..<6 {
                let first = Task { try await bench.backend.waitForWork(worker: worker.id, until: nil) }
                if index % 2 == 0 { try await bench.letBegin() }
                first.cancel()
                _ = await first.result
                let second = try await worker.waitForWork(until: due)
                try await bench.start("order-\(index)")
                try await second.value
                try expect(try await worker.commit(worker.takeRun(), .complete([])), is: .committed)
                try await worker.expectNothing()
            }
        },
        ConformanceCase("A worker that leaves passes its wake-up on") { bench in
            let leaving = try await bench.worker()
            let staying = try await bench.worker()
            try await leaving.expectNothing()
            try await staying.expectNothing()
            let woken = try await staying.waitForWork()
            try await bench.start()
            try await bench.backend.unregister(worker: leaving.id)
            try await woken.value
            _ = try await staying.takeRun()
        },
        ConformanceCase("Four tasks that come at once go to four waiting workers") { bench in
            let source = try await bench.worker(queue: "source")
            let run = try await bench.start(queue: "source")
            let task = try await source.takeRun(run)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    let worker = try await bench.worker()
                    try await worker.expectNothing()
                    group.addTask {
                        try await bench.within(.seconds(4)) {
                            try await bench.backend.waitForWork(worker: worker.id, until: nil)
                        }
                        _ = try await worker.takeActivity()
                    }
                }
                try await bench.letBegin()
                let answer = try await source.commit(task, .activity(), .activity(), .activity(), .activity())
                try expect(answer, is: .committed)
                try await group.waitForAll()
            }
        },
    ]
}

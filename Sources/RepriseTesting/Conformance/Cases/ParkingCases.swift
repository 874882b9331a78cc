import Reprise

extension BackendConformance {
    static let parking: [ConformanceCase] = [
        ConformanceCase("Tasks of unknown types are parked, reported, and don't hold up others") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start("order")
            let task = try await worker.takeRun(run)
            try expect(try await worker.commit(task, .activity("unknown"), .activity()), is: .committed)
            let strange = try await bench.start("strange", type: "Strange")
            let second = try await bench.start("second")
            let work = try await worker.claim()
            try expect(work.workflowTasks.map(\.claim.run), is: [second])
            try expect(work.activityTasks.map(\.name), is: ["charge"])
            let parked: Set<ParkedTask> = [
                ParkedTask(run: strange, type: "Strange", isActivity: false),
                ParkedTask(run: run, type: "unknown", isActivity: true),
            ]
            try expect(Set(work.parked), is: parked, "what is parked")
            try await bench.expect(strange, is: .queued)
            let next = try await worker.claim()
            try expect(next.isEmpty && next.parked.isEmpty, "parked again: \(next)")
        },
        ConformanceCase("Registering a type brings its parked tasks back to the front, in order") { bench in
            let old = try await bench.worker()
            for id in ["a", "b", "c"] { try await bench.start(id, type: "Strange") }
            try expect(try await old.claim().parked.count, is: 3, "the number of parked tasks")
            try await bench.start("d", type: "Strange")
            let new = try await bench.worker(workflows: ["Strange"], activities: [])
            let runs = try await new.claim().workflowTasks.map(\.claim.run.workflowID)
            try expect(runs, is: ["a", "b", "c", "d"], "the order")
        },
        ConformanceCase("Registering an activity brings its parked tasks back") { bench in
            let old = try await bench.worker()
            try await bench.start()
            let task = try await old.takeRun()
            try expect(try await old.commit(task, .activity("new"), .activity("other")), is: .committed)
            try expect(try await old.claim().parked.count, is: 2, "the number of parked tasks")
            let new = try await bench.worker(workflows: [], activities: ["new"])
            try expect(try await new.claim().activityTasks.map(\.name), is: ["new"])
        },
        ConformanceCase("A task that is parked by one worker goes to another that was registered all along") { bench in
            let new = try await bench.worker(workflows: ["Order", "Strange"], activities: ["charge", "new"])
            let old = try await bench.worker()
            let run = try await bench.start(type: "Strange")
            try expect(try await old.claim().parked.count, is: 1, "the number of parked tasks")
            let task = try await new.takeRun(run)
            try expect(try await new.commit(task, .activity("new")), is: .committed)
            try expect(try await old.claim().parked.count, is: 1, "the number of parked tasks")
            try expect(try await new.takeActivity().name, is: "new")
        },
        ConformanceCase("Parking a task wakes an idle worker that knows its type") { bench in
            let new = try await bench.worker(workflows: ["Order", "Strange"])
            let old = try await bench.worker()
            // Whichever of the two a backend wakes first.
            for (index, idle) in [[new, old], [old, new]].enumerated() {
                for worker in idle { try await worker.expectNothing() }
                let ignorant = Task { try await bench.backend.waitForWork(worker: old.id, until: nil) }
                let woken = try await new.waitForWork()
                try await bench.start("order-\(index)", type: "Strange")
                _ = try await old.claim()
                try await woken.value
                try expect(try await new.commit(new.takeRun(), .complete([])), is: .committed)
                ignorant.cancel()
                _ = await ignorant.result
            }
        },
        ConformanceCase("A parked activity that is cancelled doesn't come back") { bench in
            let old = try await bench.worker()
            let run = try await bench.start()
            let first = try await old.takeRun(run)
            try expect(try await old.commit(first, .activity("new")), is: .committed)
            try expect(try await old.claim().parked.count, is: 1, "the number of parked tasks")
            try await bench.signal(run, "s")
            try expect(try await old.commit(old.takeRun(run), .cancel(0), from: 1), is: .committed)
            let new = try await bench.worker(activities: ["new"])
            try await new.expectNothing()
        },
        ConformanceCase("Queues whose names resemble what is parked in others are queues of their own") { bench in
            let worker = try await bench.worker(queue: "a")
            let other = try await bench.worker(queue: "1:a:w:Strange")
            for (worker, queue) in [(worker, "a"), (other, "1:a:w:Strange")] {
                try await bench.start("in \(queue)", type: "Strange", queue: queue)
                try expect(try await worker.claim().parked.count, is: 1, "the number of parked tasks")
            }
            for queue in ["a", "1:a:w:Strange"] {
                let new = try await bench.worker(queue: queue, workflows: ["Strange"])
                try expect(try await new.takeRun().claim.run.workflowID, is: "in \(queue)")
            }
        },
    ]
}

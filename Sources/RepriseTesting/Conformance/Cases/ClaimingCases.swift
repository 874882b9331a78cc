import Reprise

extension BackendConformance {
    static let claiming: [ConformanceCase] = [
        ConformanceCase("A claim takes no more than there is room for, first in, first out") { bench in
            let worker = try await bench.worker()
            for index in 0..<5 { try await bench.start("order-\(index)") }
            let none = try await worker.claim(workflows: 0, activities: 10)
            try expect(none.isEmpty, "\(none)")
            let two = try await worker.claim(workflows: 2, activities: 0)
            try expect(two.workflowTasks.map(\.claim.run.workflowID), is: ["order-0", "order-1"])
            let rest = try await worker.claim(workflows: 10, activities: 0)
            try expect(rest.workflowTasks.map(\.claim.run.workflowID), is: ["order-2", "order-3", "order-4"])
            try await worker.expectNothing()
        },
        ConformanceCase("A claim names its tasks by its id and a number from 0, workflow tasks first") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start("one")
            let task = try await worker.takeRun(run)
            try expect(try await worker.commit(task, .activity(), .activity()), is: .committed)
            try await bench.start("two")
            try await bench.start("three")
            let request = worker.request()
            let work = try await bench.backend.claim(request)
            let nonces = work.workflowTasks.map(\.claim.nonce) + work.activityTasks.map(\.claim.nonce)
            try expect(nonces, is: (0..<4).map { "\(request.id).\($0)" }, "the nonces")
        },
        ConformanceCase("A claimed run is leased, and nobody else gets it") { bench in
            let one = try await bench.worker()
            let other = try await bench.worker()
            let run = try await bench.start()
            let task = try await one.takeRun(run)
            try expect(task.type, is: "Order")
            try expect(task.queue, is: Bench.queue)
            try expect(task.through, is: 0, "through")
            try expect(task.lastCommit, is: "", "lastCommit")
            try expect(task.turnFailures, is: 0, "turnFailures")
            try expect(task.deaths, is: 0, "deaths")
            try await bench.expect(run, is: .leased)
            try await other.expectNothing()
        },
        ConformanceCase("Workers get work from their own queue only") { bench in
            let billing = try await bench.worker(queue: "billing")
            let shipping = try await bench.worker(queue: "shipping")
            let bill = try await bench.start("bill", queue: "billing")
            let ship = try await bench.start("ship", queue: "shipping")
            let task = try await billing.takeRun(bill)
            try expect(task.queue, is: "billing", "the queue")
            try await billing.expectNothing()
            try expect(try await billing.commit(task, .activity(queue: "shipping")), is: .committed)
            try await billing.expectNothing()
            _ = try await shipping.takeRun(ship)
            let activity = try await shipping.takeActivity()
            try expect(activity.queue, is: "shipping", "the queue")
            try expect(try await shipping.complete(activity), is: .resolved)
            _ = try await billing.takeRun(bill)
        },
        ConformanceCase("A claim tells the time and when the next thing is due") { bench in
            let worker = try await bench.worker()
            try expect(try await worker.claim().nextDue == nil, "something is due")
            let now = try await worker.now()
            let later = now.advanced(by: .seconds(50))
            let sooner = now.advanced(by: .seconds(20))
            try await bench.start("later", at: later)
            try expect(try await worker.claim().nextDue, is: later, "nextDue")
            try await bench.start("sooner", at: sooner)
            let work = try await worker.claim()
            try expect(work.nextDue, is: sooner, "nextDue")
            try expect(work.now >= now, "time goes back")
            try await bench.start("now")
            let task = try await worker.claim(workflows: 1)
            try expect(task.nextDue, is: sooner, "nextDue")
            try expect(
                try await worker.commit(task.workflowTasks[0], .timer(now.advanced(by: .seconds(10)))), is: .committed)
            try expect(try await worker.claim().nextDue, is: now.advanced(by: .seconds(10)), "nextDue")
        },
        ConformanceCase("The end of a lease is something due") { bench in
            let worker = try await bench.worker(lease: .seconds(30))
            try await bench.start()
            let work = try await worker.claim(workflows: 1)
            try expect(work.workflowTasks.count, is: 1, "the number of tasks")
            try expect(work.nextDue, is: work.now.advanced(by: .seconds(30)), "nextDue")
            _ = try await worker.commit(work.workflowTasks[0], .activity(timeout: .seconds(10)))
            let activity = try await worker.claim()
            try expect(activity.activityTasks.first?.deadline, is: activity.now.advanced(by: .seconds(10)), "deadline")
            try expect(activity.nextDue, is: activity.now.advanced(by: .seconds(10)), "nextDue")
        },
        ConformanceCase("Work that is claimed with a commit or a completion is in the same answer") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start("one")
            let other = try await bench.start("two")
            let task = try await worker.takeRun(run)
            let commit = worker.commit(for: task, [.activity()])
            let request = worker.request(workflows: 1, activities: 1)
            let (answer, work) = try await bench.backend.commit(commit, claiming: request)
            try expect(answer, is: .committed)
            let claimed = try require(work, "work")
            try expect(claimed.workflowTasks.map(\.claim.run), is: [other])
            try expect(claimed.activityTasks.map(\.claim.run), is: [run])
            try expect(claimed.workflowTasks[0].claim.nonce, is: "\(request.id).0")

            let completion = ActivityCompletion(claim: claimed.activityTasks[0].claim, result: .completed([1]))
            let next = try await bench.backend.complete(completion, claiming: worker.request())
            try expect(next.answer, is: .resolved)
            try expect(try require(next.work, "work").workflowTasks.map(\.claim.run), is: [run])

            // The replies were lost: again, without the requests.
            let again = try await bench.backend.commit(commit, claiming: nil)
            try expect(again.answer, is: .committed)
            try expect(again.work == nil, "there is work")
            try expect(try await bench.backend.complete(completion, claiming: nil).answer, is: .resolved)
            try await bench.expect(history: [.started, .turn, .activityCompleted], of: run)
        },
        ConformanceCase("An answer isn't lost if the claim that comes with it can't be done") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            let request = ClaimRequest(id: "x1", worker: "nobody", workflowSlots: 1, activitySlots: 1)
            let commit = worker.commit(for: task, [.activity()])
            let first = try await bench.backend.commit(commit, claiming: request)
            try expect(first.answer, is: .committed)
            try expect(first.work == nil, "there is work")
            let activity = try await worker.takeActivity()
            let completion = ActivityCompletion(claim: activity.claim, result: .completed([1]))
            let second = try await bench.backend.complete(completion, claiming: request)
            try expect(second.answer, is: .resolved)
            try expect(second.work == nil, "there is work")
            try await bench.expect(history: [.started, .turn, .activityCompleted], of: run)
        },
    ]
}

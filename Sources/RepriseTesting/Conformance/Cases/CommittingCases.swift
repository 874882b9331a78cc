import Reprise

extension BackendConformance {
    static let committing: [ConformanceCase] = [
        ConformanceCase("A commit appends its turn, takes effect and leaves the run idle") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            let commit = worker.commit(for: task, [.activity(input: [9, 8])])
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            let turn = try await bench.history(of: run)[1]
            try expect(turn.kind, is: .turn)
            try expect(turn.reference, is: 1, "through")
            try expect(turn.payload, is: commit.turn ?? [], "the turn")
            let description = try await bench.describe(run)
            try expect(description.state, is: .idle)
            try expect(description.through, is: 1, "through")
            try expect(description.lastEntry, is: 2, "lastEntry")
            try expect(description.lastArrival, is: 1, "lastArrival")
            let activity = try await worker.takeActivity()
            try expect(activity.claim.run, is: run)
            try expect(activity.claim.operation, is: 0, "the operation")
            try expect(activity.name, is: "charge")
            try expect(activity.workflowType, is: "Order")
            try expect(activity.input, is: [9, 8], "the input")
            try expect(activity.attempt, is: 1, "attempt")
            try expect(activity.deliveries, is: 1, "deliveries")
            try expect(activity.deaths, is: 0, "deaths")
        },
        ConformanceCase("A commit that is sent again answers the same and has one effect") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            let commit = worker.commit(for: task, [.activity()])
            for _ in 0..<3 {
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            }
            try await bench.expect(history: [.started, .turn], of: run)
            try expect(try await worker.claim().activityTasks.count, is: 1, "the number of activities")
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            try await worker.expectNothing()
        },
        ConformanceCase("A commit that is sent again answers the same while the next claim is held") { bench in
            let worker = try await bench.worker()
            let other = try await bench.worker()
            let run = try await bench.start()
            let first = worker.commit(for: try await worker.takeRun(run), [.activity()])
            try expect(try await bench.backend.commit(first, claiming: nil).answer, is: .committed)
            try await bench.signal(run, "s")
            let next = try await other.takeRun(run)
            try expect(try await bench.backend.commit(first, claiming: nil).answer, is: .committed)
            try await bench.expect(run, is: .leased)
            try expect(try await other.commit(next, .activity(), from: 1), is: .committed)
            try expect(try await bench.backend.commit(first, claiming: nil).answer, is: .fenced)
            try await bench.expect(history: [.started, .turn, .signalled, .turn], of: run)
        },
        ConformanceCase("A commit without a turn writes no entry and moves through") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            let commit = worker.commit(for: task, [])
            for _ in 0..<2 {
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            }
            try await bench.expect(history: [.started], of: run)
            let description = try await bench.describe(run)
            try expect(description.through, is: 1, "through")
            try expect(description.state, is: .idle)
            try await bench.signal(run, "s")
            let next = try await worker.takeRun(run)
            try expect(next.lastCommit, is: task.claim.nonce, "lastCommit")
            try expect(next.history.map(\.kind), is: [.signalled])
        },
        ConformanceCase("A commit leaves the run queued if something arrived after what it had stepped") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            try await bench.signal(run, "s")
            try expect(try await worker.commit(task, .activity()), is: .committed)
            try await bench.expect(run, is: .queued)
            try expect(try await worker.takeRun(run).through, is: 1, "through")
        },
        ConformanceCase("A turn can have stepped what arrived after the claim") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            try await bench.signal(run, "s")
            try expect(try await worker.commit(task, .activity(), through: 2), is: .committed)
            try await bench.expect(run, is: .idle)
        },
        ConformanceCase("A commit is fenced if its epoch or nonce is another's, or nothing is held") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let queued = WorkflowClaim(run: run, epoch: 0, nonce: "")
            let task = try await worker.takeRun(run)
            var stale = [queued, task.claim, task.claim, task.claim]
            stale[1].epoch -= 1
            stale[2].nonce += "x"
            stale[3].epoch += 1
            for claim in stale {
                var commit = worker.commit(for: task, [.complete([])])
                commit.claim = claim
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .fenced)
            }
            try await bench.expect(run, is: .leased)
            try expect(try await worker.release(task, .handBack), is: .released)
            try expect(try await worker.commit(task, .complete([])), is: .fenced)
            try await bench.expect(run, is: .queued)
            try await bench.expect(history: [.started], of: run)
        },
        ConformanceCase("A commit for an unknown run is fenced") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            for claim in [
                WorkflowClaim(run: RunID(workflowID: "other", number: run.number), epoch: 1, nonce: task.claim.nonce),
                WorkflowClaim(run: RunID(workflowID: "order", number: 4711), epoch: 1, nonce: task.claim.nonce),
            ] {
                var commit = worker.commit(for: task, [.complete([])])
                commit.claim = claim
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .fenced)
            }
            try await bench.expect(run, is: .leased)
        },
        ConformanceCase("A commit of a run that was claimed by another since is fenced") { bench in
            let zombie = try await bench.worker()
            let heir = try await bench.worker()
            let run = try await bench.start()
            let old = try await zombie.takeRun(run)
            try await bench.backend.recover(worker: zombie.id, keeping: [])
            let new = try await heir.takeRun(run)
            try expect(new.claim.epoch > old.claim.epoch, "epochs \(old.claim) and \(new.claim)")
            try expect(try await zombie.commit(old, .complete([0])), is: .fenced)
            try expect(try await heir.commit(new, .activity()), is: .committed)
            try expect(try await zombie.commit(old, .complete([0])), is: .fenced)
            try await bench.expect(history: [.started, .turn], of: run)
            try await bench.expect(run, is: .idle)
        },
        ConformanceCase("A commit that can't be meant is refused and writes nothing") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            try await expect(.invalidRequest) { try await worker.commit(task, .activity(), through: 2) }
            var outside = worker.commit(for: task, [.activity()])
            outside.effects = [
                .scheduleActivity(
                    ScheduledActivity(
                        operation: 0, name: "charge", queue: Bench.queue, input: 0..<4711,
                        timeouts: ActivityTimeouts(startToClose: .seconds(1)),
                        retry: .none))
            ]
            let commit = outside
            try await expect(.invalidRequest) { try await bench.backend.commit(commit, claiming: nil) }
            try await bench.expect(run, is: .leased)
            try await bench.expect(history: [.started], of: run)
            try expect(try await worker.commit(task, .activity()), is: .committed)
            try await bench.signal(run, "s")
            let next = try await worker.takeRun(run)
            try await expect(.invalidRequest) { try await worker.commit(next, .activity(), through: 0, from: 1) }
            try expect(try await worker.commit(next, .cancel(0), from: 1), is: .committed)
        },
        ConformanceCase("Six hundred effects in one commit all take effect") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let task = try await worker.takeRun(run)
            let steps = (0..<600).map { Decision.Step.activity(input: Array("\($0)".utf8)) }
            let commit = worker.commit(for: task, steps)
            for _ in 0..<2 {
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            }
            var inputs: [String] = []
            while true {
                let tasks = try await worker.claim(workflows: 0, activities: 200).activityTasks
                if tasks.isEmpty { break }
                inputs += tasks.map { String(decoding: $0.input, as: UTF8.self) }
                for task in tasks { try expect(try await worker.complete(task), is: .resolved) }
            }
            try expect(inputs, is: (0..<600).map(String.init), "the inputs")
            let history = try await bench.history(of: run).filter { $0.kind == .activityCompleted }
            try expect(history.map(\.reference), is: Array(0..<600), "the operations")
            try expect(try await worker.claim().workflowTasks.count, is: 1, "the number of workflow tasks")
        },
        ConformanceCase("Six hundred operations are cancelled by one commit, and by a close") { bench in
            let worker = try await bench.worker()
            let due = try await worker.now().advanced(by: .seconds(100))
            for id in ["cancelled", "closed"] {
                let run = try await bench.start(id)
                let steps = (0..<600).map { $0 % 2 == 0 ? Decision.Step.activity() : .timer(due) }
                let first = worker.commit(for: try await worker.takeRun(run), steps)
                try expect(try await bench.backend.commit(first, claiming: nil).answer, is: .committed)
                try await bench.signal(run, "s")
                let task = try await worker.takeRun(run)
                let end: [Decision.Step] = id == "closed" ? [.complete([])] : (0..<600).map { .cancel($0) }
                let second = worker.commit(for: task, end, from: 600)
                try expect(try await bench.backend.commit(second, claiming: nil).answer, is: .committed)
                try await worker.finishPages()
                let work = try await worker.claim()
                try expect(work.isEmpty && work.nextDue == nil, "left: \(work)")
            }
        },
    ]
}

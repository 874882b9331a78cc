import Reprise

extension BackendConformance {
    /// Word of attempts that are not wanted any more.
    static let telling: [ConformanceCase] = [
        ConformanceCase("A worker is told which of its attempts the workflow doesn't want any more") { bench in
            let worker = try await bench.worker()
            let other = try await bench.worker()
            let told = try await bench.backend.cancellations(of: worker.id)
            let toldOther = try await bench.backend.cancellations(of: other.id)
            let run = try await bench.start()
            let steps = (0..<5).map { _ in Decision.Step.activity() }
            let commit = try await worker.commit(for: worker.takeRun(run), steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            let mine = try await worker.claim(activities: 3).activityTasks
            let others = try await other.claim(activities: 1).activityTasks
            // One is done, one goes on elsewhere, and one isn't taken: nobody needs to hear of these.
            try expect(try await worker.complete(mine[0]), is: .resolved)
            try expect(try await worker.complete(mine[1], with: .later), is: .pending)
            let cancels = (0..<5).map { Decision.Step.cancel($0) }
            let next = try await worker.commit(for: worker.takeRun(run), cancels, from: 5)
            try expect(try await bench.backend.commit(next, claiming: nil).answer, is: .committed)
            let requested = { (task: ActivityTask) in
                ActivityCancellation(nonce: task.claim.nonce, reason: .requested)
            }
            try expect(try await bench.next(1, of: told), is: [requested(mine[2])], "what the worker is told")
            try expect(try await bench.next(1, of: toldOther), is: [requested(others[0])], "what the other is told")
            try expect(try await worker.complete(mine[2]), is: .resolved)

            // Nothing else came in between.
            let last = try await worker.scheduleAndTake(bench.start("last"))
            try await bench.signal(last.claim.run, "s")
            let task = try await worker.takeRun(last.claim.run)
            try expect(try await worker.commit(task, .cancel(0), from: 1), is: .committed)
            try expect(try await bench.next(1, of: told), is: [requested(last)], "what the worker is told")
        },
        ConformanceCase("A worker is told of its attempts whose run has closed, however many") { bench in
            let worker = try await bench.worker()
            let told = try await bench.backend.cancellations(of: worker.id)
            let run = try await bench.start()
            let steps = (0..<1100).map { _ in Decision.Step.activity(input: [1]) }
            let commit = try await worker.commit(for: worker.takeRun(run), steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            var nonces: Set<String> = []
            while nonces.count < 1100 {
                let tasks = try await worker.claim(workflows: 0, activities: 1100).activityTasks
                try expect(!tasks.isEmpty, "there are only \(nonces.count) tasks")
                nonces.formUnion(tasks.map(\.claim.nonce))
            }
            try await bench.signal(run, "s")
            try expect(try await worker.commit(worker.takeRun(run), .complete([]), from: 1100), is: .committed)
            try await worker.finishPages()
            let cancellations = try await bench.next(1100, of: told)
            try expect(Set(cancellations.map(\.reason)), is: [.runClosed], "the reasons")
            try expect(Set(cancellations.map(\.nonce)) == nonces, "other nonces are told")
        },
        ConformanceCase("A worker is told of its attempts that timed out") { bench in
            let worker = try await bench.worker()
            let told = try await bench.backend.cancellations(of: worker.id)
            let run = try await bench.start()
            let steps: [Decision.Step] = [
                .activity(timeout: .milliseconds(80)),
                .activity(timeouts: ActivityTimeouts(heartbeat: .milliseconds(80)), retry: .fixed(.seconds(30))),
                .activity(timeouts: ActivityTimeouts(scheduleToClose: .milliseconds(80))),
                .activity(),
            ]
            let commit = try await worker.commit(for: worker.takeRun(run), steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            let tasks = try await worker.claim().activityTasks
            try expect(tasks.count, is: 4, "the number of tasks")
            _ = try await bench.eventually("the timeouts") { () -> Bool? in
                _ = try await worker.claim(workflows: 0, activities: 0)
                let open = try await bench.backend.renew(
                    worker: worker.id, workflows: [], activities: tasks.map(\.claim))
                return open.count == 3 ? true : nil
            }
            let cancellations = try await bench.next(3, of: told)
            try expect(Set(cancellations.map(\.reason)), is: [.timedOut], "the reasons")
            let nonces = Set(tasks.filter { $0.claim.operation < 3 }.map(\.claim.nonce))
            try expect(Set(cancellations.map(\.nonce)), is: nonces, "the nonces")
        },
        ConformanceCase("A worker hears only of what happens after it began to listen, once for each listener") {
            bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .activity(), .activity()), is: .committed)
            let tasks = try await worker.claim().activityTasks
            try await bench.signal(run, "1")
            try expect(try await worker.commit(worker.takeRun(run), .cancel(0), from: 2), is: .committed)
            let streams = [
                try await bench.backend.cancellations(of: worker.id),
                try await bench.backend.cancellations(of: worker.id),
            ]
            try await bench.signal(run, "2")
            try expect(try await worker.commit(worker.takeRun(run), .cancel(1), from: 3), is: .committed)
            for stream in streams {
                let expected = [ActivityCancellation(nonce: tasks[1].claim.nonce, reason: .requested)]
                try expect(try await bench.next(1, of: stream), is: expected, "what is told")
            }
        },
    ]
}

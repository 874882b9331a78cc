import Reprise

extension BackendConformance {
    static let messages: [ConformanceCase] = [
        ConformanceCase("Messages are delivered in the order in which they were sent") { bench in
            let worker = try await bench.worker()
            _ = try await bench.startParent(
                worker, .child(), .signal(0, "one", payload: [1, 0]), .signal(0, "two"), .cancel(0), .signal(0, "three")
            )
            let child = try await worker.takeRun()
            let kinds: [HistoryEntry.Kind] = [.started, .signalled, .signalled, .cancelRequested]
            try await bench.expect(history: kinds, of: child.claim.run)
            let signals = try child.history[1...2].map { try SignalRecord(decoding: $0.payload) }
            try expect(signals.map(\.id), is: ["one", "two"], "the signals")
            try expect(signals.map(\.payload), is: [[1, 0], []], "the payloads")
        },
        ConformanceCase("A signal reaches the newest run of a child, and is dropped when the child has ended") {
            bench in
            let worker = try await bench.worker()
            let parent = try await bench.startParent(worker, .child())
            try expect(try await worker.commit(worker.takeRun(), .next()), is: .committed)
            let child = try await worker.takeRun()
            try await bench.signal(parent, "go")
            try expect(try await worker.commit(worker.takeRun(parent), .signal(0, "one"), from: 1), is: .committed)
            _ = try await worker.now()
            try await bench.expect(history: [.started, .signalled], of: child.claim.run)
            try await bench.signal(parent, "go")
            let task = try await worker.takeRun(parent)
            try expect(
                try await worker.commit(child, .complete([]), through: 1, regardless: true), is: .committed)
            let other = try await bench.start("child")
            try expect(try await worker.commit(task, .signal(0, "two"), .cancel(0), from: 2), is: .committed)
            _ = try await worker.takeRun(other)
            try await bench.expect(history: [.started], of: other)
            try await bench.expect(history: [.started, .signalled, .turn], of: child.claim.run)
        },
        ConformanceCase("A cancelled start doesn't touch another run of the workflow id") { bench in
            let worker = try await bench.worker()
            let other = try await bench.start("child")
            try expect(try await worker.commit(worker.takeRun(other), .timer(.farAway)), is: .committed)
            let parent = try await bench.startParent(worker, .child(), .signal(0, "s"), .cancel(0))
            try await worker.expectNothing()
            try await bench.expect(history: [.started, .turn], of: other)
            try await bench.expect(history: [.started, .turn], of: parent)
        },
        ConformanceCase("A commit that sends messages wakes an idle worker") { bench in
            let committer = try await bench.worker(workflows: [])
            let worker = try await bench.worker()
            let task = try await worker.startAndTake()
            try await committer.expectWake(by: "a message") {
                try expect(try await worker.commit(task, .child()), is: .committed)
            }
            _ = try await committer.now()
            try expect(try await worker.takeRun().claim.run.workflowID, is: "child", "the workflow id")
        },
        ConformanceCase("Messages wake a worker of another queue if none of the sender's is idle") { bench in
            let courier = try await bench.worker(queue: "other")
            let worker = try await bench.worker()
            let task = try await worker.startAndTake()
            try await courier.expectWake(by: "a message") {
                try expect(try await worker.commit(task, .child()), is: .committed)
            }
            _ = try await courier.now()
            try expect(try await worker.takeRun().claim.run.workflowID, is: "child", "the workflow id")
        },
        ConformanceCase("The claim after a commit delivers what it sent") { bench in
            let worker = try await bench.worker()
            let commit = worker.commit(for: try await worker.startAndTake(), [.child()])
            let (answer, work) = try await bench.backend.commit(commit, claiming: worker.request())
            try expect(answer, is: .committed)
            try expect(work?.workflowTasks.map(\.claim.run.workflowID), is: ["child"], "the work")
        },
        ConformanceCase("A worker that takes nothing delivers, and comes again at once while messages are left") {
            bench in
            let worker = try await bench.worker()
            let courier = try await bench.worker(queue: "other")
            let steps = (0..<200).map { Decision.Step.child("child-\($0)") }
            let commit = worker.commit(for: try await worker.startAndTake(), steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            var claims = 0
            while true {
                let work = try await courier.claim(workflows: 0, activities: 0)
                claims += 1
                guard let due = work.nextDue, due <= work.now else { break }
                try await bench.within(.seconds(4)) {
                    try await bench.backend.waitForWork(worker: courier.id, until: due)
                }
            }
            try expect((2...20).contains(claims), "it took \(claims) claims")
            for index in 0..<200 {
                let child = try await bench.backend.describe(workflowID: "child-\(index)", runNumber: nil)
                try expect(child.state, is: .queued, "the state")
            }
        },
        ConformanceCase("The end of a child doesn't move a parent that is leased, delayed, blocked or paused") {
            bench in
            let worker = try await bench.worker()
            for disposition in [
                nil, .retry(after: .seconds(60), reason: "later"), .block(reason: "stuck"),
            ] as [WorkflowRelease.Disposition?] {
                let parent = try await bench.startParent(worker, .child())
                let child = try await worker.takeRun()
                try await bench.signal(parent, "s")
                let task = try await worker.takeRun(parent)
                if let disposition { _ = try await worker.release(task, disposition) }
                try await bench.expectEnd(of: child, isKeptBy: parent, worker)
            }
            let parent = try await bench.startParent(worker, .child())
            let child = try await worker.takeRun()
            try await bench.backend.pause(parent)
            try await bench.expectEnd(of: child, isKeptBy: parent, worker)
            try await bench.backend.resume(parent)
            _ = try await worker.takeRun(parent)
        },
        ConformanceCase(
            "Nobody misses a parent that was removed", retention: Retention(age: .seconds(60), count: 0)
        ) { bench in
            let worker = try await bench.worker()
            let parent = try await bench.startParent(worker, .child(policy: .abandon))
            let child = try await worker.takeRun()
            try await bench.signal(parent, "s")
            try expect(try await worker.commit(worker.takeRun(parent), .complete([]), from: 1), is: .committed)
            try await bench.awaitRemoval(of: parent, worker)
            try expect(try await bench.describe(child.claim.run).parent, is: parent, "the parent")
            try expect(try await worker.commit(child, .complete([])), is: .committed)
            try await worker.expectNothing()
        },
    ]
}

extension Bench {
    /// Claims until a closed run is removed.
    func awaitRemoval(of run: RunID, _ worker: BenchWorker) async throws {
        try await eventually("the removal") { () -> Bool? in
            _ = try await worker.now()
            do {
                _ = try await describe(run)
                return nil
            } catch let error as BackendError where error.code == .runNotFound {
                return true
            }
        }
    }

    /// Ends a child, checks that its parent keeps its state, and ends the parent.
    fileprivate func expectEnd(of child: WorkflowTask, isKeptBy parent: RunID, _ worker: BenchWorker) async throws {
        let state = try await describe(parent).state
        try RepriseTesting.expect(try await worker.commit(child, .complete([])), is: .committed)
        try await worker.expectNothing()
        try await expect(parent, is: state)
        try RepriseTesting.expect(try await history(of: parent).last?.kind, is: .childCompleted, "what came last")
        if state != .paused {
            _ = try await backend.terminate(workflowID: parent.workflowID, runNumber: nil, reason: "")
        }
    }
}

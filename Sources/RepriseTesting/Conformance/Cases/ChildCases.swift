import Reprise

extension BackendConformance {
    static let children: [ConformanceCase] = [
        ConformanceCase("A child is started by a later claim, with its record, and knows its parent") { bench in
            let worker = try await bench.worker(workflows: ["Order", "Parcel"])
            let task = try await worker.startAndTake()
            let step = Decision.Step.child(type: "Parcel", version: "2", input: [0, 255, 13, 10])
            let commit = worker.commit(for: task, [step])
            for _ in 0..<2 { try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed) }
            try await expect(.runNotFound) { try await bench.backend.describe(workflowID: "child", runNumber: nil) }

            let child = try await worker.takeRun()
            try await worker.expectNothing()
            try expect(child.type, is: "Parcel", "the type")
            let record = StartRecord(type: "Parcel", version: "2", input: [0, 255, 13, 10])
            try expect(child.history.map(\.payload), is: [record.encoded()], "the record")
            try await bench.expect(history: [.started], of: child.claim.run)
            let description = try await bench.describe(child.claim.run)
            try expect(description.parent, is: task.claim.run, "the parent")
            try expect(description.version, is: "2", "the version")
            try expect(description.startedAt, is: child.history[0].time, "startedAt")
            try await bench.expect(task.claim.run, is: .idle)
            try expect(try await bench.describe(task.claim.run).parent, is: nil, "the parent of the parent")
        },
        ConformanceCase("What a child returns comes to its parent, once") { bench in
            let worker = try await bench.worker()
            let parent = try await bench.startParent(worker, .child())
            let child = try await worker.takeRun()
            let commit = worker.commit(for: child, [.complete([1, 0, 255])])
            for _ in 0..<2 { try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed) }
            let task = try await worker.takeRun(parent)
            let entry = try require(task.history.last, "entry")
            try expect(entry.kind, is: .childCompleted, "the kind")
            try expect(entry.reference, is: 0, "the operation")
            try expect(entry.payload, is: [1, 0, 255], "the output")
            // The operation is resolved: cancelling it does nothing.
            try expect(try await worker.commit(task, .cancel(0), from: 1), is: .committed)
            try await worker.expectNothing()
            try await bench.expect(history: [.started, .turn, .childCompleted, .turn], of: parent)
        },
        ConformanceCase("How a child ended in another way comes to its parent as a failure") { bench in
            let worker = try await bench.worker()
            let reason = "no “money”: \"a/b\\c\"\n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f} \u{2028}é"
            let failure = FailureRecord(
                type: "Declined", message: "no", details: .init([1, 2]),
                cause: FailureRecord(type: "Offline", message: reason, attempts: 3))
            for (step, expected) in [
                (Decision.Step.fail(failure), failure),
                (.cancelled(reason: reason), FailureRecord(type: "Cancelled", message: reason)),
                (nil, FailureRecord(type: "Terminated", message: reason)),
            ] as [(Decision.Step?, FailureRecord)] {
                let parent = try await bench.startParent(worker, .child())
                let child = try await worker.takeRun()
                if let step {
                    try expect(try await worker.commit(child, step), is: .committed)
                } else {
                    _ = try await bench.backend.terminate(workflowID: "child", runNumber: nil, reason: reason)
                }
                let task = try await worker.takeRun(parent)
                let entry = try require(task.history.last, "entry")
                try expect(entry.kind, is: .childFailed, "the kind")
                try expect(entry.payload, is: expected.encoded(), "the failure")
                try expect(try await worker.commit(task, .complete([]), from: 1), is: .committed)
            }
        },
        ConformanceCase("A child whose workflow id has an open run fails, and that run is left alone") { bench in
            let worker = try await bench.worker()
            let other = try await bench.start("child")
            try expect(try await worker.commit(worker.takeRun(other), .timer(.farAway)), is: .committed)
            let parent = try await bench.startParent(worker, .child(), .child("order"))
            let task = try await worker.takeRun(parent)
            let ends = task.history.filter { $0.kind == .childFailed }
            try expect(ends.map(\.reference), is: [0, 1], "the operations")
            for (end, run) in zip(ends, [other, parent]) {
                let failure = try FailureRecord(decoding: end.payload)
                try expect(failure.type, is: FailureRecord.alreadyRunning, "the type")
                let isNamed = failure.message.contains(run.workflowID) && failure.message.contains("\(run.number)")
                try expect(isNamed, "the message is “\(failure.message)”")
            }
            try expect(try await bench.describe(other).parent, is: nil, "the parent")
            // Once that run has ended, the id is free.
            _ = try await bench.backend.terminate(workflowID: "child", runNumber: nil, reason: "")
            try expect(try await worker.commit(task, .child(), from: 2), is: .committed)
            let child = try await worker.takeRun()
            try expect(child.claim.run.workflowID, is: "child", "the workflow id")
            try await bench.expect(history: [.started, .turn, .terminated], of: other)
        },
        ConformanceCase("A child runs in another queue than its parent") { bench in
            let worker = try await bench.worker()
            let other = try await bench.worker(queue: "other")
            let parent = try await bench.startParent(worker, .child(queue: "other"))
            try await worker.expectNothing()
            let child = try await other.takeRun()
            try expect(child.queue, is: "other", "the queue")
            try expect(try await other.commit(child, .complete([])), is: .committed)
            try await other.expectNothing()
            _ = try await worker.takeRun(parent)
        },
        ConformanceCase("A child that continues as new is still the child, and its last run's end is told") { bench in
            let worker = try await bench.worker()
            let parent = try await bench.startParent(worker, .child())
            for _ in 0..<2 { try expect(try await worker.commit(worker.takeRun(), .next()), is: .committed) }
            let last = try await worker.takeRun()
            try expect(last.claim.run.workflowID, is: "child", "the workflow id")
            try expect(try await bench.describe(last.claim.run).parent, is: parent, "the parent")
            try await bench.expect(history: [.started, .turn], of: parent)
            try expect(try await worker.commit(last, .complete([7])), is: .committed)
            let task = try await worker.takeRun(parent)
            try expect(task.history.last?.kind, is: .childCompleted, "what came")
            try expect(task.history.last?.payload, is: [7], "the output")
        },
        ConformanceCase("A cancelled child is asked to end, and its parent doesn't hear of the end") { bench in
            let worker = try await bench.worker()
            let parent = try await bench.startParent(worker, .child("early"), .cancel(0), .child("late"))
            for _ in 0..<2 {
                let child = try await worker.takeRun()
                let isEarly = child.claim.run.workflowID == "early"
                try expect(child.history.map(\.kind), is: isEarly ? [.started, .cancelRequested] : [.started], "kinds")
                let answer = try await worker.commit(
                    child, isEarly ? .cancelled(reason: "asked") : .timer(.farAway))
                try expect(answer, is: .committed)
            }
            try await bench.signal(parent, "s")
            try expect(try await worker.commit(worker.takeRun(parent), .cancel(2), from: 3), is: .committed)
            let late = try await worker.takeRun()
            let request = try require(late.history.last, "entry")
            try expect(request.kind, is: .cancelRequested, "the kind")
            let reason = "its parent \(parent) cancelled it"
            try expect(String(decoding: request.payload, as: UTF8.self), is: reason, "the reason")
            try expect(try await worker.commit(late, .complete([]), from: 1), is: .committed)
            try await worker.expectNothing()
            try await bench.expect(history: [.started, .turn, .signalled, .turn], of: parent)
        },
        ConformanceCase("A thousand children are started and come back") { bench in
            let worker = try await bench.worker()
            let steps = (0..<1000).map { Decision.Step.child("child-\($0)") }
            let parent = try await bench.start()
            let commit = worker.commit(for: try await worker.takeRun(parent), steps)
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            var ended: Set<String> = []
            while ended.count < 1000 {
                let work = try await worker.claim(workflows: 50)
                for task in work.workflowTasks where task.claim.run != parent {
                    try expect(try await worker.commit(task, .complete([])), is: .committed)
                    ended.insert(task.claim.run.workflowID)
                }
                for task in work.workflowTasks where task.claim.run == parent {
                    try expect(try await worker.commit(task, from: 1000), is: .committed)
                }
            }
            _ = try await bench.eventually("the last end") {
                for task in try await worker.claim().workflowTasks {
                    try expect(try await worker.commit(task, from: 1000), is: .committed)
                }
                return try await bench.describe(parent).lastEntry == 1002 ? true : nil
            }
            let operations = try await bench.history(of: parent).filter { $0.kind == .childCompleted }.map(\.reference)
            try expect(Set(operations), is: Set(0..<1000), "the operations")
        },
        ConformanceCase("Children that can't be meant are refused with their commit") { bench in
            let worker = try await bench.worker()
            let task = try await worker.startAndTake()
            let long = String(repeating: "x", count: 256)
            for step in [.child(""), .child(long), .child(policy: ParentClosePolicy(rawValue: "adopt"))]
                as [Decision.Step]
            {
                try await expect(.invalidRequest) { try await worker.commit(task, step) }
            }
            var commit = worker.commit(for: task, [.child(), .signal(0, "s")])
            commit.turn?.removeLast(5)
            try await expect(.invalidRequest) { try await bench.backend.commit(commit, claiming: nil) }
            try await bench.expect(history: [.started], of: task.claim.run)
            try expect(try await worker.commit(task, .child(String(long.dropLast()))), is: .committed)
            try expect(try await worker.takeRun().claim.run.workflowID.utf8.count, is: 255, "the length")
        },
    ]
}

extension Bench {
    /// Starts a run and commits its first turn.
    func startParent(_ worker: BenchWorker, _ steps: Decision.Step...) async throws -> RunID {
        let run = try await start()
        let commit = worker.commit(for: try await worker.takeRun(run), steps)
        try RepriseTesting.expect(try await backend.commit(commit, claiming: nil).answer, is: .committed)
        return run
    }
}

extension Timestamp {
    /// In the year 2100.
    static let farAway = Timestamp(milliseconds: 4_102_444_800_000)
}

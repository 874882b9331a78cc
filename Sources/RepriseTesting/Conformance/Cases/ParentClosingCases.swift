import Reprise

extension BackendConformance {
    static let parentClosing: [ConformanceCase] =
        [
            ("completes", Decision.Step.complete([1])),
            ("fails", .fail(FailureRecord(type: "Declined", message: "no"))),
            ("is cancelled", .cancelled(reason: "asked")),
            ("continues as new", .next()),
            ("is terminated", nil),
        ].map { (how: String, end: Decision.Step?) in
            ConformanceCase("When a parent \(how), each open child is treated by its policy") { bench in
                let worker = try await bench.worker()
                let family = try await Family(bench, worker)
                try await family.endParent(end)
                try await family.expectPolicies(parentContinues: how == "continues as new")
            }
        } + [
            ConformanceCase("A parent that starts children and ends in the same turn leaves them by their policies") {
                bench in
                let worker = try await bench.worker()
                let parent = try await bench.startParent(
                    worker, .child("ended"), .child("asked", policy: .cancel), .child("left", policy: .abandon),
                    .complete([]))
                let work = try await worker.claim()
                try expect(
                    Set(work.workflowTasks.map(\.claim.run.workflowID)), is: ["asked", "left"], "the open children")
                let ended = try await bench.backend.describe(workflowID: "ended", runNumber: nil)
                try expect(ended.outcome, is: .terminated(reason: "its parent \(parent) closed"), "the outcome")
                try expect(ended.parent, is: parent, "the parent")
                try await bench.expect(history: [.started, .turn], of: parent)
            },
            ConformanceCase("The end of a parent reaches the children of its children") { bench in
                let worker = try await bench.worker()
                let parent = try await bench.startParent(worker, .child("child"))
                var runs: [RunID] = []
                for descendant in ["grandchild", "great-grandchild"] {
                    let task = try await worker.takeRun()
                    runs.append(task.claim.run)
                    try expect(try await worker.commit(task, .child(descendant), .activity()), is: .committed)
                }
                runs.append(try await worker.takeRun().claim.run)
                _ = try await bench.backend.terminate(workflowID: "order", runNumber: nil, reason: "enough")
                try await worker.expectNothing()
                for (run, parent) in zip(runs, [parent] + runs) {
                    let reason = "its parent \(parent) closed"
                    try expect(try await bench.describe(run).outcome, is: .terminated(reason: reason), "the outcome")
                }
            },
            ConformanceCase("The policy reaches the newest run of a child, and no other run of its workflow id") {
                bench in
                let worker = try await bench.worker()
                let parent = try await bench.startParent(worker, .child("new"), .child("again"), .child("taken"))
                for _ in 0..<3 {
                    let task = try await worker.takeRun()
                    let isNew = task.claim.run.workflowID == "new"
                    try expect(try await worker.commit(task, isNew ? .next() : .complete([])), is: .committed)
                }
                // The ends of the others are recorded by now; the id of one is used again by its parent.
                let task = try await bench.eventually("the parent's task") {
                    try await worker.claim().workflowTasks.first { $0.claim.run == parent }
                }
                _ = try await bench.eventually("the ends") {
                    _ = try await worker.now()
                    return try await bench.describe(parent).lastArrival == 4 ? true : nil
                }
                let other = try await bench.start("taken")
                try expect(
                    try await worker.commit(
                        task, .child("again"), .fail(FailureRecord(type: "T", message: "")),
                        through: 4, from: 3), is: .committed)
                _ = try await worker.now()
                for id in ["new", "again"] {
                    let description = try await bench.backend.describe(workflowID: id, runNumber: nil)
                    try expect(description.state, is: .terminated, "the state of the run of “\(id)”")
                }
                try await bench.expect(history: [.started], of: other)
                try await bench.expect(other, is: .queued)
            },
            ConformanceCase("A thousand open children are ended with their parent") { bench in
                let worker = try await bench.worker()
                let parent = try await bench.start()
                let steps = (0..<1000).map { Decision.Step.child("child-\($0)") }
                let commit = worker.commit(for: try await worker.takeRun(parent), steps)
                try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
                _ = try await bench.backend.terminate(workflowID: "order", runNumber: nil, reason: "enough")
                try await bench.eventually("the last message") { () -> Bool? in
                    let work = try await worker.claim(workflows: 0, activities: 0)
                    return work.nextDue.map { $0 > work.now } ?? true ? true : nil
                }
                try await worker.expectNothing()
                for index in 0..<1000 {
                    let child = try await bench.backend.describe(workflowID: "child-\(index)", runNumber: nil)
                    try expect(child.state, is: .terminated, "the state of child \(index)")
                }
            },
        ]
}

/// A parent with three open children, one of each policy.
private struct Family {
    let bench: Bench
    let worker: BenchWorker
    let parent: RunID
    private var children: [ParentClosePolicy: RunID] = [:]

    init(_ bench: Bench, _ worker: BenchWorker) async throws {
        self.bench = bench
        self.worker = worker
        let policies: [ParentClosePolicy] = [.terminate, .cancel, .abandon]
        let run = try await bench.start()
        let steps = policies.map { Decision.Step.child("\($0)", policy: $0) }
        let commit = worker.commit(for: try await worker.takeRun(run), steps)
        try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
        parent = run
        for _ in policies {
            let task = try await worker.takeRun()
            try expect(try await worker.commit(task, .timer(.farAway)), is: .committed)
            children[ParentClosePolicy(rawValue: task.claim.run.workflowID)] = task.claim.run
        }
    }

    func endParent(_ end: Decision.Step?) async throws {
        if let end {
            try await bench.signal(parent, "end")
            try expect(try await worker.commit(worker.takeRun(parent), end, from: 3), is: .committed)
        } else {
            _ = try await bench.backend.terminate(workflowID: parent.workflowID, runNumber: nil, reason: "enough")
        }
    }

    func expectPolicies(parentContinues: Bool) async throws {
        let end = try await bench.history(of: parent)
        let tasks = try await worker.claim().workflowTasks.filter { $0.claim.run.workflowID != parent.workflowID }
        let reason = "its parent \(parent) closed"
        let terminated = try await child(.terminate)
        try expect(terminated.outcome, is: .terminated(reason: reason), "the outcome")
        let asked = try await child(.cancel)
        try expect(tasks.map(\.claim.run), is: [asked.run], "the children with something to do")
        let request = try require(tasks[0].history.last, "entry")
        try expect(request.kind, is: .cancelRequested, "the kind")
        try expect(request.payload, is: Array(reason.utf8), "the reason")
        let left = try await child(.abandon)
        try expect(left.state, is: .idle, "the state")
        try expect(left.parent, is: parent, "the parent")
        // Nobody hears of their ends.
        try expect(try await worker.commit(tasks[0], .cancelled(reason: reason), from: 1), is: .committed)
        _ = try await bench.backend.terminate(workflowID: left.run.workflowID, runNumber: nil, reason: "")
        _ = try await worker.now()
        try expect(try await bench.history(of: parent), is: end, "the parent's history")
        let newest = try await bench.backend.describe(workflowID: parent.workflowID, runNumber: nil)
        try expect((newest.run == parent) == !parentContinues, "the newest run is \(newest.run)")
        if parentContinues { try await bench.expect(history: [.started], of: newest.run) }
    }

    private func child(_ policy: ParentClosePolicy) async throws -> RunDescription {
        try await bench.describe(try require(children[policy], "child"))
    }
}

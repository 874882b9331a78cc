import Reprise

extension BackendConformance {
    static let foreseeing: [ConformanceCase] = [
        ConformanceCase("Results are recorded with the turn that their worker took with them") { bench in
            let worker = try await bench.worker()
            let situation = try await worker.scheduleForForesight(2)
            let time = try await worker.now()
            let turn = try await worker.foresee(situation, .activity(), at: time)
            let request = worker.request()
            let (isRecorded, work) = try await bench.backend.commit(turn, claiming: request)
            try expect(isRecorded, is: true, "that it is recorded")
            let next = try require(work?.activityTasks.first, "the activity that it scheduled")
            try expect(next.claim.operation, is: 2, "its operation")
            try await bench.expect(
                history: [.started, .turn, .activityCompleted, .activityCompleted, .turn], of: situation.run)
            let entries = try await bench.history(of: situation.run)
            try expect(entries[2...3].map(\.reference), is: [0, 1], "the operations")
            try expect(entries[2...3].map(\.payload), is: [[0], [1]], "the outputs")
            try expect(entries[2...3].map(\.time), is: [time, time], "the times")
            try expect(entries[4].reference, is: 4, "what the turn has stepped")
            try await bench.expect(situation.run, is: .idle)
            // The attempts are over.
            let claims = situation.activities.map(\.claim)
            let lost = try await bench.backend.renew(worker: worker.id, workflows: [], activities: claims)
            try expect(lost, is: claims.map(\.nonce), "what is lost")
            try await worker.expectNothing()
        },
        ConformanceCase("A foreseen turn may close the run") { bench in
            let worker = try await bench.worker()
            let situation = try await worker.scheduleForForesight(1)
            let turn = try await worker.foresee(situation, .complete([7]))
            try expect(try await bench.backend.commit(turn, claiming: nil).isRecorded, is: true, "that it is recorded")
            let run = try await bench.describe(situation.run)
            try expect(run.state, is: .completed)
            try expect(run.outcome, is: .completed([7]), "the outcome")
            try await worker.expectNothing()
        },
        ConformanceCase("A foreseen turn that decides nothing writes no turn") { bench in
            let worker = try await bench.worker()
            let situation = try await worker.scheduleForForesight(2)
            let turn = try await worker.foresee(situation.with(1))
            try expect(try await bench.backend.commit(turn, claiming: nil).isRecorded, is: true, "that it is recorded")
            try await bench.expect(history: [.started, .turn, .activityCompleted], of: situation.run)
            try await bench.expect(situation.run, is: .idle)
            try expect(try await worker.complete(situation.activities[1]), is: .resolved)
            let task = try await worker.takeRun(situation.run)
            try expect(task.through, is: 3, "what the turn has stepped")
        },
        ConformanceCase("After a foreseen turn its worker gets only what came since") { bench in
            let worker = try await bench.worker()
            let situation = try await worker.scheduleForForesight(1)
            let turn = try await worker.foresee(situation, .timer(.farAway))
            try expect(try await bench.backend.commit(turn, claiming: nil).isRecorded, is: true, "that it is recorded")
            try await bench.signal(situation.run, "s")
            let task = try await worker.takeRun(situation.run)
            try expect(task.lastCommit, is: turn.commit.claim.nonce, "the last commit")
            try expect(task.historyStart, is: 4, "where the history begins")
            try expect(task.history.map(\.kind), is: [.signalled], "the history")
            try expect(try await worker.commit(task), is: .committed)
        },
        ConformanceCase("A foreseen turn that is sent again is not recorded again") { bench in
            let worker = try await bench.worker()
            let situation = try await worker.scheduleForForesight(1)
            let turn = try await worker.foresee(situation, .timer(.farAway))
            for isRecorded in [true, false, false] {
                try expect(try await bench.backend.commit(turn, claiming: nil).isRecorded, is: isRecorded, "the answer")
            }
            try expect(try await worker.complete(situation.activities[0]), is: .resolved)
            try await bench.expect(history: [.started, .turn, .activityCompleted, .turn], of: situation.run)
            try await worker.expectNothing()
        },
        ConformanceCase("Nothing of a foreseen turn is recorded if something else came") { bench in
            for (index, event) in Event.allCases.enumerated() {
                let worker = try await bench.worker(queue: "queue-\(index)")
                let situation = try await worker.scheduleForForesight(2, "run-\(index)")
                var turn = try await worker.foresee(situation, .activity())
                switch event {
                case .signal: try await bench.signal(situation.run, "s")
                case .pause: try await bench.backend.pause(situation.run)
                case .end: try await bench.terminate(situation.run)
                case .otherResult: try expect(try await worker.complete(situation.activities[1]), is: .resolved)
                case .otherCommit: turn.lastCommit += "x"
                case .otherClaim: turn.completions[1].claim.nonce += "x"
                case .otherOperation: turn.completions[1].claim.operation += 10
                case .otherNumber: turn.commit.through += 1
                case .earlier:
                    turn.time = try await bench.history(of: situation.run)[1].time.advanced(by: .milliseconds(-1))
                case .later: turn.time = turn.time.advanced(by: .seconds(3600))
                }
                let before = try await bench.history(of: situation.run)
                let answer = try await bench.backend.commit(turn, claiming: nil)
                try expect(answer.isRecorded, is: false, "with \(event), that it is recorded")
                try expect(try await bench.history(of: situation.run), is: before, "with \(event), the history")
                // The results are still to be handed in.
                try expect(try await worker.complete(situation.activities[0]), is: .resolved)
            }
        },
        ConformanceCase("A foreseen turn of a run that nobody knows is not recorded") { bench in
            let worker = try await bench.worker()
            let situation = try await worker.scheduleForForesight(1)
            var turn = try await worker.foresee(situation, .activity())
            turn.commit.claim.run.number += 1000
            turn.completions[0].claim.run.number += 1000
            try expect(try await bench.backend.commit(turn, claiming: nil).isRecorded, is: false, "that it is recorded")
        },
        ConformanceCase("A foreseen turn that can't be meant is refused") { bench in
            let worker = try await bench.worker()
            let situation = try await worker.scheduleForForesight(2)
            let turn = try await worker.foresee(situation, .activity())
            var wrong = Array(repeating: turn, count: 7)
            wrong[0].completions = []
            wrong[1].completions[1].claim.run.workflowID = "other"
            wrong[2].completions[1].claim.operation = 0
            wrong[3].completions[1].result = .failed(FailureRecord(type: "T", message: "m"), isRetryable: true)
            wrong[4].commit.claim.nonce = ""
            wrong[5].lastCommit = ""
            wrong[6] = try await worker.foresee(situation, .next())
            for turn in wrong {
                try await expect(.invalidRequest) { try await bench.backend.commit(turn, claiming: nil) }
            }
            try await bench.expect(history: [.started, .turn], of: situation.run)
            try expect(try await bench.backend.commit(turn, claiming: nil).isRecorded, is: true, "that it is recorded")
        },
        ConformanceCase("A report brings turns, foreseen turns and results, and the work for all") { bench in
            let worker = try await bench.worker()
            let situation = try await worker.scheduleForForesight(1, "foreseen")
            let other = try await worker.scheduleForForesight(1, "other")
            let task = try await worker.startAndTake("third")
            let report = WorkerReport(
                commits: [worker.commit(for: task, [.activity()])],
                foreseen: [try await worker.foresee(situation, .activity())],
                completions: [ActivityCompletion(claim: other.activities[0].claim, result: .completed([]))])
            let receipt = await bench.backend.record(report, claiming: worker.request())
            try expect(try receipt.commits.map { try $0.get() }, is: [.committed], "the turns")
            try expect(try receipt.foreseen.map { try $0.get() }, is: [true], "the foreseen turns")
            try expect(try receipt.completions.map { try $0.get() }, is: [.resolved], "the results")
            let work = try require(receipt.work, "work")
            try expect(work.workflowTasks.map(\.claim.run), is: [other.run], "the runs")
            try expect(
                work.activityTasks.map(\.claim.run).sorted { $0.workflowID < $1.workflowID },
                is: [situation.run, task.claim.run], "the activities")
        },
    ]

    private enum Event: CaseIterable {
        case signal, pause, end, otherResult, otherCommit, otherClaim, otherOperation, otherNumber, earlier, later
    }
}

/// A run that waits for activities which a worker has taken.
private struct Foresight {
    var run: RunID
    var lastCommit: String
    var activities: [ActivityTask]

    /// The same with the first ones only.
    func with(_ count: Int) -> Foresight {
        Foresight(run: run, lastCommit: lastCommit, activities: Array(activities.prefix(count)))
    }
}

extension BenchWorker {
    /// Takes a run through its first turn, which schedules activities, and claims these.
    fileprivate func scheduleForForesight(_ count: Int, _ workflowID: String = "order") async throws -> Foresight {
        let run = try await bench.start(workflowID, queue: registration.queue)
        let task = try await takeRun(run)
        let steps = Array(repeating: Decision.Step.activity(queue: registration.queue), count: count)
        try expect(
            try await backend.commit(commit(for: task, steps), claiming: nil).answer, is: .committed)
        let activities = try await claim(workflows: 0).activityTasks
        try expect(activities.map(\.claim.operation), is: Array(0..<count), "the activities")
        return Foresight(run: run, lastCommit: task.claim.nonce, activities: activities)
    }

    /// A turn that was taken with the results of these activities: each returned its number.
    fileprivate func foresee(
        _ situation: Foresight, _ steps: Decision.Step..., at time: Timestamp? = nil
    ) async throws -> ForeseenTurn {
        let claim = WorkflowClaim(run: situation.run, epoch: 0, nonce: "\(id)f\(bench.next())")
        let last = try await bench.history(of: situation.run).count
        let now = try await now()
        return ForeseenTurn(
            completions: situation.activities.map {
                ActivityCompletion(claim: $0.claim, result: .completed([UInt8($0.claim.operation)]))
            },
            time: time ?? now, lastCommit: situation.lastCommit,
            commit: Decision(steps, from: situation.activities.count).commit(
                under: claim, through: last + situation.activities.count, regardless: false))
    }
}

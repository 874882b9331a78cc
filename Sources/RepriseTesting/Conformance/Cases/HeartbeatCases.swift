import Reprise

extension BackendConformance {
    static let heartbeats: [ConformanceCase] = [
        ConformanceCase("An attempt without heartbeats times out, and is retried by its policy") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let limit = Duration.milliseconds(150)
            let first = try await worker.scheduleAndTake(
                run, timeouts: ActivityTimeouts(startToClose: .seconds(30), heartbeat: limit),
                retry: .fixed(.zero, attempts: 2, jitter: 0))
            try expect(first.heartbeat, is: limit, "the heartbeat timeout")
            try expect(first.heartbeatDetails == nil, "there are details")
            try expect(try await worker.heartbeat(first), is: .recorded)
            let second = try await bench.eventually("the next attempt") { () -> ActivityTask? in
                try await worker.showLife()
                return try await worker.claim().activityTasks.first
            }
            let handedOut = second.deadline.advanced(by: .seconds(-30))
            try expect(second.attempt, is: 2, "attempt")
            try expect(try await worker.complete(first), is: .superseded)
            let failure = try await worker.expectFailure(at: handedOut.advanced(by: limit))
            let expected = FailureRecord(
                type: "HeartbeatTimeout", message: "no heartbeat came for 150 ms", attempts: 2)
            try expect(failure, is: expected)
            try expect(try await worker.heartbeat(second), is: .superseded)
        },
        ConformanceCase("Heartbeats put the timeout off, and renewing the lease doesn't") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let limit = Duration.milliseconds(400)
            let activity = try await worker.scheduleAndTake(run, timeouts: ActivityTimeouts(heartbeat: limit))
            let start = try await worker.now()
            _ = try await bench.eventually("the time") { () -> Bool? in
                try expect(try await worker.heartbeat(activity), is: .recorded)
                _ = try await bench.backend.renew(worker: worker.id, workflows: [], activities: [activity.claim])
                let work = try await worker.claim()
                try expect(work.isEmpty, "it timed out")
                return work.now > start.advanced(by: .milliseconds(900)) ? true : nil
            }
            let last = try await worker.now()
            let task = try await bench.eventually("the timeout") { () -> WorkflowTask? in
                _ = try await bench.backend.renew(worker: worker.id, workflows: [], activities: [activity.claim])
                return try await worker.claim().workflowTasks.first
            }
            let entry = try require(task.history.last, "history")
            try expect(entry.kind, is: .activityFailed)
            let earliest = last.advanced(by: .milliseconds(300))
            try expect(entry.time >= earliest, "it timed out at \(entry.time), before \(earliest)")
        },
        ConformanceCase("Heartbeats don't put off the other timeouts") { bench in
            let worker = try await bench.worker()
            let timeouts = ActivityTimeouts(startToClose: .milliseconds(200), heartbeat: .seconds(5))
            let activity = try await worker.scheduleAndTake(bench.start(), timeouts: timeouts)
            let task = try await bench.eventually("the timeout") { () -> WorkflowTask? in
                _ = try await worker.heartbeat(activity)
                try await worker.showLife()
                return try await worker.claim().workflowTasks.first
            }
            let failure = try FailureRecord(decoding: require(task.history.last, "history").payload)
            try expect(failure.type, is: "StartToCloseTimeout", "the type")
        },
        ConformanceCase("The last details come with every later delivery") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            var activity = try await worker.scheduleAndTake(
                run, timeouts: ActivityTimeouts(heartbeat: .seconds(30)), retry: .fixed(.zero, jitter: 0))
            let details: [UInt8] = [0, 255, 10, 32]
            try expect(try await worker.heartbeat(activity, [1]), is: .recorded)
            try expect(try await worker.heartbeat(activity, details), is: .recorded)
            try expect(try await worker.heartbeat(activity), is: .recorded)
            _ = try await worker.fail(activity)
            activity = try await worker.takeActivity()
            try expect(activity.heartbeatDetails, is: details, "the details")
            try expect(try await bench.backend.release(activity.claim), is: .released)
            activity = try await worker.takeActivity()
            try expect(activity.heartbeatDetails, is: details, "the details")
            try expect(try await worker.heartbeat(activity, []), is: .recorded)
            try await bench.backend.recover(worker: worker.id, keeping: [])
            activity = try await worker.takeActivity()
            try expect(activity.heartbeatDetails, is: [], "the details")
            try expect(try await worker.complete(activity), is: .resolved)
            _ = try await worker.takeRun(run)
            // Those of one activity are not those of another.
            let other = try await worker.scheduleAndTake(bench.start("other"))
            try expect(other.heartbeat == nil, "it needs heartbeats")
            try expect(other.heartbeatDetails == nil, "there are details")
            try expect(try await worker.heartbeat(other, details), is: .recorded)
        },
        ConformanceCase("A heartbeat under another claim is superseded, and nothing is written") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let first = try await worker.scheduleAndTake(run, timeouts: ActivityTimeouts(heartbeat: .seconds(30)))
            var claims = [first.claim, first.claim, first.claim, first.claim, first.claim]
            claims[0].nonce += "x"
            claims[1].operation += 1
            claims[2].run.number += 1000
            claims[3].run.workflowID = "other"
            claims[4].nonce = ""
            for claim in claims {
                try expect(try await bench.backend.heartbeat(claim, details: [1]), is: .superseded)
            }
            try expect(try await bench.backend.release(first.claim), is: .released)
            try expect(try await worker.heartbeat(first, [1]), is: .superseded)
            let second = try await worker.takeActivity()
            try expect(second.heartbeatDetails == nil, "there are details")
            try expect(try await worker.heartbeat(first, [1]), is: .superseded)
            try expect(try await worker.complete(second), is: .resolved)
            try expect(try await worker.heartbeat(second, [1]), is: .superseded)
        },
        ConformanceCase("A heartbeat renews the lease") { bench in
            let silent = try await bench.worker(lease: .seconds(1))
            let worker = try await bench.worker()
            let activity = try await silent.scheduleAndTake(bench.start())
            let start = try await worker.now()
            _ = try await bench.eventually("the time") { () -> Bool? in
                try expect(try await silent.heartbeat(activity), is: .recorded)
                let work = try await worker.claim()
                try expect(work.isEmpty, "it was handed over")
                return work.now > start.advanced(by: .milliseconds(1500)) ? true : nil
            }
            try expect(try await silent.complete(activity), is: .resolved)
        },
    ]
}

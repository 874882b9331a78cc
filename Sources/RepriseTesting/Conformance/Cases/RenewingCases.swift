import Reprise

extension BackendConformance {
    static let renewing: [ConformanceCase] = [
        ConformanceCase("Renewing tells what is lost, in the order given, workflows first") { bench in
            let worker = try await bench.worker()
            let other = try await bench.worker()
            let kept = try await worker.startAndTake("kept")
            let committed = try await worker.startAndTake("committed")
            try expect(try await worker.commit(committed, .activity(), .activity(), .activity()), is: .committed)
            let activities = try await worker.claim().activityTasks.map(\.claim)
            var stale = kept.claim
            stale.nonce += "x"
            _ = try await bench.backend.release(activities[1])
            let heir = try await other.takeActivity().claim
            _ = try await worker.backend.complete(
                ActivityCompletion(claim: activities[2], result: .completed([])), claiming: nil)
            let unknown = ActivityClaim(run: RunID(workflowID: "x", number: 4711), operation: 0, nonce: "n")
            let lost = try await bench.backend.renew(
                worker: worker.id, workflows: [committed.claim, kept.claim, stale],
                activities: [unknown] + activities)
            let expected = [committed.claim.nonce, stale.nonce, "n", activities[1].nonce, activities[2].nonce]
            try expect(lost, is: expected, "what is lost")
            let held = try await bench.backend.renew(worker: other.id, workflows: [], activities: [heir])
            try expect(held, is: [], "what is lost")
            try expect(try await worker.commit(kept), is: .committed)
        },
        ConformanceCase("A cancelled activity is reported as lost") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start()
            let activity = try await worker.scheduleAndTake(run)
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            let before = try await bench.backend.renew(
                worker: worker.id, workflows: [task.claim], activities: [activity.claim])
            try expect(before, is: [], "what is lost")
            try expect(try await worker.commit(task, .cancel(0), from: 1), is: .committed)
            for _ in 0..<2 {
                let after = try await bench.backend.renew(
                    worker: worker.id, workflows: [task.claim], activities: [activity.claim])
                try expect(after, is: [task.claim.nonce, activity.claim.nonce], "what is lost")
            }
            let work = try await worker.claim()
            try expect(work.isEmpty && work.nextDue == nil, "left: \(work)")
        },
        ConformanceCase("Renewed leases last, with the registration") { bench in
            let worker = try await bench.worker(lease: .seconds(2))
            let other = try await bench.worker()
            let run = try await bench.start()
            try expect(try await worker.commit(worker.takeRun(run), .activity()), is: .committed)
            let activity = try await worker.takeActivity()
            try await bench.signal(run, "s")
            let task = try await worker.takeRun(run)
            for _ in 0..<20 {
                try await bench.advance(by: .milliseconds(150))
                let lost = try await bench.backend.renew(
                    worker: worker.id, workflows: [task.claim], activities: [activity.claim])
                try expect(lost, is: [], "what is lost")
                try await other.expectNothing()
            }
            try expect(try await worker.complete(activity), is: .resolved)
            try expect(try await worker.commit(task), is: .committed)
        },
        ConformanceCase("Renewing extends only the leases that it names") { bench in
            let worker = try await bench.worker(lease: .seconds(2))
            let other = try await bench.worker()
            let named = try await worker.startAndTake("named")
            let run = try await bench.start("unnamed")
            _ = try await worker.takeRun(run)
            let handedOver = try await bench.eventually("the handover") {
                _ = try await bench.backend.renew(worker: worker.id, workflows: [named.claim], activities: [])
                return try await other.claim().workflowTasks.first
            }
            try expect(handedOver.claim.run, is: run)
            // Its worker is alive, so this was no death.
            try expect(handedOver.deaths, is: 0, "deaths")
            try expect(try await worker.commit(named), is: .committed)
        },
        ConformanceCase("Claiming renews the registration of a worker that holds nothing") { bench in
            let worker = try await bench.worker(lease: .seconds(2))
            let other = try await bench.worker()
            for _ in 0..<6 {
                try await bench.advance(by: .milliseconds(600))
                try expect(try await worker.claim().isRenewal, is: true, "renewed")
            }
            let run = try await worker.startAndTake().claim.run
            try await bench.advance(by: .milliseconds(600))
            try expect(try await worker.claim().isRenewal, is: false, "renewed")
            let handedOver = try await bench.eventually("the handover") {
                do {
                    _ = try await worker.claim(workflows: 0, activities: 0)
                } catch let error as BackendError where error.code == .workerNotRegistered {}
                return try await other.claim().workflowTasks.first
            }
            try expect(handedOver.claim.run, is: run)
            // The claims didn't keep the registration of one that may have died with what it holds.
            try expect(handedOver.deaths, is: 1, "deaths")
        },
    ]
}

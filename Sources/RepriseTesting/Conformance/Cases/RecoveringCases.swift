import Reprise

extension BackendConformance {
    static let recovering: [ConformanceCase] = [
        ConformanceCase("Recovering hands back what the worker doesn't know of, and only that") { bench in
            let worker = try await bench.worker()
            let other = try await bench.worker()
            let foreign = try await other.startAndTake("foreign")
            let run = try await bench.start("activities")
            try expect(try await worker.commit(worker.takeRun(run), .activity(), .activity()), is: .committed)
            let known = try await worker.takeActivity()
            let knownRun = try await worker.startAndTake("known")
            let lost = try await bench.start("lost")
            _ = try await worker.claim()
            let keeping = [known.claim.nonce, knownRun.claim.nonce, "never heard of"]
            for _ in 0..<2 { try await bench.backend.recover(worker: worker.id, keeping: keeping) }
            let work = try await other.claim()
            try expect(work.workflowTasks.map(\.claim.run), is: [lost])
            try expect(work.workflowTasks.map(\.deaths), is: [0], "deaths")
            try expect(work.activityTasks.map(\.claim.operation), is: [1], "the operations")
            try expect(work.activityTasks.map(\.deaths), is: [0], "deaths")
            try expect(work.activityTasks.map(\.deliveries), is: [2], "deliveries")
            try expect(try await worker.complete(known), is: .resolved)
            try expect(try await worker.commit(knownRun), is: .committed)
            try expect(try await other.commit(foreign), is: .committed)
        },
        ConformanceCase("Recovered tasks come before what is queued") { bench in
            let worker = try await bench.worker()
            let lost = try await worker.startAndTake("lost").claim.run
            try await bench.start("later")
            try await bench.backend.recover(worker: worker.id, keeping: [])
            _ = try await worker.takeRun(lost)
        },
        ConformanceCase("A commit whose reply was lost is known after recovering") { bench in
            let worker = try await bench.worker()
            let run = try await bench.start("one")
            let other = try await bench.start("two")
            let commit = worker.commit(for: try await worker.takeRun(run), [.activity()])
            // The reply is lost, and with it the claimed run.
            _ = try await bench.backend.commit(commit, claiming: worker.request())
            try await bench.backend.recover(worker: worker.id, keeping: [commit.claim.nonce])
            try expect(try await bench.backend.commit(commit, claiming: nil).answer, is: .committed)
            let work = try await worker.claim()
            try expect(work.workflowTasks.map(\.claim.run), is: [other])
            try expect(work.activityTasks.map(\.claim.run), is: [run])
            try expect(work.activityTasks.map(\.deliveries), is: [2], "deliveries")
        },
    ]
}

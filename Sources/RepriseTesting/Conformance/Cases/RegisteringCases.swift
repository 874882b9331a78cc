import Reprise

extension BackendConformance {
    static let registering: [ConformanceCase] = [
        ConformanceCase("A worker that isn't registered gets no work, and its other calls are harmless") { bench in
            try await bench.start()
            let request = ClaimRequest(id: "c1", worker: "nobody", workflowSlots: 1, activitySlots: 1)
            try await expect(.workerNotRegistered) { try await bench.backend.claim(request) }
            try await expect(.workerNotRegistered) {
                try await bench.backend.renew(worker: "nobody", workflows: [], activities: [])
            }
            try await bench.backend.recover(worker: "nobody", keeping: [])
            try await bench.backend.unregister(worker: "nobody")
            try await bench.backend.waitForWork(worker: "nobody", until: nil)
        },
        ConformanceCase("A registration that is sent again changes nothing; a new one replaces the types") { bench in
            var worker = try await bench.worker(workflows: ["Other"])
            try await bench.backend.register(worker.registration)
            try await bench.start()
            let parked = try await worker.claim()
            try expect(parked.isEmpty, "\(parked)")
            worker.registration.workflowTypes = ["Order"]
            try await bench.backend.register(worker.registration)
            _ = try await worker.takeRun()
        },
        ConformanceCase("A registration ends with its lease, and registering again brings it back") { bench in
            let worker = try await bench.worker(lease: .milliseconds(150))
            let watcher = try await bench.worker()
            try await bench.eventually("the end of the registration") {
                // Not a word of the worker's, which would renew it, and no silence of all, which would put it off.
                for _ in 0..<20 {
                    try await bench.advance(by: .milliseconds(10))
                    try await watcher.expectNothing()
                }
                do {
                    _ = try await worker.claim()
                    return nil as Bool?
                } catch let error as BackendError where error.code == .workerNotRegistered {
                    return true
                }
            }
            try await expect(.workerNotRegistered) {
                try await bench.backend.renew(worker: worker.id, workflows: [], activities: [])
            }
            try await bench.backend.register(worker.registration)
            _ = try await worker.claim()
        },
        ConformanceCase("An unregistered worker's tasks are handed back at once, without a death") { bench in
            let leaving = try await bench.worker()
            let staying = try await bench.worker()
            let one = try await bench.start("one")
            let activity = try await leaving.scheduleAndTake(one)
            let two = try await bench.start("two")
            let task = try await leaving.takeRun(two)
            try await bench.backend.unregister(worker: leaving.id)
            try await bench.backend.unregister(worker: leaving.id)
            try await expect(.workerNotRegistered) { try await leaving.claim() }

            let again = try await staying.takeRun(two)
            try expect(again.deaths, is: 0, "deaths")
            let activityAgain = try await staying.takeActivity()
            try expect(activityAgain.deaths, is: 0, "deaths")
            try expect(activityAgain.attempt, is: 1, "attempt")
            try expect(activityAgain.deliveries, is: 2, "deliveries")
            try expect(try await leaving.commit(task, .complete([])), is: .fenced)
            try expect(try await leaving.complete(activity), is: .superseded)
            try await staying.expectNothing()
        },
    ]
}

import FaultWorker
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct ZombieTests {
        @Test(.timeLimit(.minutes(1)))
        func `A worker that was stopped while it held a turn can't commit it later, and goes on working`() async throws
        {
            try await zombie(inActivity: false) { site, zombie, run in
                try await eventually("its commit is refused") {
                    zombie.log.contains("a turn was overtaken and dropped")
                }
                let problems = try await HistoryCheck(site.backend, run).problems(
                    activities: [], timers: [], signals: 0)
                #expect(problems == [])
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func `A worker that was stopped while it ran an activity can't complete it later, and goes on working`()
            async throws
        {
            try await zombie(inActivity: true) { site, _, run in
                let key = "\(run)/0"
                #expect(try await site.store.executions()[key] == 2)
                let problems = try await HistoryCheck(site.backend, run).problems(
                    activities: [0], timers: [], signals: 0)
                #expect(problems == [])
            }
        }

        private func zombie(
            inActivity: Bool, afterwards check: (FaultSite, WorkerProcess, RunID) async throws -> Void
        ) async throws {
            try await FaultSite.with(lease: .seconds(1)) { site in
                let zombie = try site.worker("zombie")
                let handle = try await site.client.start(
                    Held.self, id: "held", .init(point: "point", inActivity: inActivity))
                try await eventually("it holds the run") { try await site.store.holder(at: "point") == "zombie" }
                zombie.suspend()

                let other = try site.worker("other")
                let result = try await handle.result(timeout: .patience)
                #expect(result == (inActivity ? "other" : "done"))

                // What it held ends as soon as it goes on.
                try await site.store.letGo("point")
                zombie.resume()
                try await check(site, zombie, handle.run)

                other.kill()
                await other.exitStatus()
                try await LoadDriver.run(10, at: site) { _ in }
                #expect(!zombie.hasExited)
                zombie.terminate()
                #expect(await zombie.exitStatus() == 0)
            }
        }
    }
}

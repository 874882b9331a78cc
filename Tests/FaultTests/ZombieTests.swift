import FaultWorker
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct ZombieTests {
        @Test(.timeLimit(.minutes(5)))
        func `A worker that was stopped while it held a turn can't commit it later, and goes on working`() async throws
        {
            try await zombie(inActivity: false) { site, zombie, run in
                try await eventually("its commit is refused") {
                    zombie.log.contains("a turn was overtaken and dropped")
                }
                let problems = try await HistoryCheck(site.judge, run).problems(
                    activities: [], timers: [], signals: 0)
                #expect(problems == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `A worker that was stopped while it ran an activity can't complete it later, and goes on working`()
            async throws
        {
            try await zombie(inActivity: true) { site, _, run in
                let key = "\(run)/0"
                #expect(try await site.store.executions()[key] == 2)
                let problems = try await HistoryCheck(site.judge, run).problems(
                    activities: [0], timers: [], signals: 0)
                #expect(problems == [])
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `What a worker had sent comes after its lease and changes nothing, and it goes on working`() async throws {
            try await FaultSite.with(lease: .seconds(1)) { site in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for call in [
                        KillPoint.Call.claim, .commit, .foresee, .complete, .heartbeat, .renew, .releaseWorkflow,
                    ] {
                        group.addTask {
                            try await site.with(namespace: "\(call)") { part in try await delay(call, part) }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }

        private func delay(_ call: KillPoint.Call, _ site: FaultSite) async throws {
            let load = try await site.startLoad(for: call)
            let proxy = try await FaultProxy.start(to: site.server.port)
            let point = KillPoint(call: call, moment: .unsent)
            let zombie = try await site.worker("zombie", stoppedAt: point, by: proxy)
            zombie.suspend()
            let other = try site.worker("other")
            try await load.verify(at: site, comment: "\(call)")

            proxy.release()
            zombie.resume()
            other.terminate()
            #expect(await other.exitStatus() == 0)
            try await site.startLoad(for: .claim, seeds: 3...4).verify(at: site, comment: "\(call), afterwards")
            zombie.terminate()
            #expect(await zombie.exitStatus() == 0)
            await proxy.stop()
        }

        @Test(.timeLimit(.minutes(5)))
        func `Workers that stop for longer than their leases, again and again, lose nothing and double nothing`()
            async throws
        {
            var random = SeededRandom()
            try await FaultSite.with(lease: .seconds(1)) { site in
                try await Fleet.with(4, at: site) { fleet in
                    let shape = LoadDriver.Shape(count: 100, toil: 200, mayRepeat: true)
                    try await LoadDriver.run(shape, at: site, comment: random.comment) { _ in
                        for _ in 0..<6 {
                            try await Task.sleep(for: .milliseconds(.random(in: 100...500, using: &random)))
                            let stopped = await [fleet.suspendOne(random.next()), fleet.suspendOne(random.next())]
                            try await Task.sleep(for: .milliseconds(.random(in: 1100...2000, using: &random)))
                            for worker in stopped { worker?.resume() }
                            try await site.checkInvariants()
                        }
                    }
                    #expect(await fleet.deaths == 0)
                }
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

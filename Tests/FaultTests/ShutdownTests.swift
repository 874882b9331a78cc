import FaultWorker
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct ShutdownTests {
        private let clock = ContinuousClock()

        @Test(.timeLimit(.minutes(5)))
        func `A worker that is told to stop under load hands its work back and exits`() async throws {
            // Long: only what is handed back comes to another worker in time.
            try await FaultSite.with(lease: .seconds(60)) { site in
                let first = try site.worker("first")
                let handle = try await site.client.start(Held.self, id: "held", .init(point: "point", inActivity: true))
                try await eventually("it holds an activity") { try await site.store.holder(at: "point") == "first" }
                try await Fleet.with(1, at: site) { _ in
                    let began = clock.now
                    try await LoadDriver.run(.init(count: 80, mayRepeat: true), at: site) { driver in
                        try await eventually("the load is under way") { driver.finishedCount >= 10 }
                        let told = clock.now
                        first.terminate()
                        #expect(await first.exitStatus() == 0)
                        #expect(clock.now - told < .seconds(5))
                        let result = try await handle.result(timeout: .patience)
                        #expect(result == "worker-1")
                        #expect(clock.now - told < .seconds(10))
                    }
                    #expect(clock.now - began < .seconds(40), "nothing waited for its lease to end")
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `A worker whose workflow code doesn't give its thread back stops all the same, and another takes the run`()
            async throws
        {
            try await FaultSite.with(lease: .seconds(60)) { site in
                let first = try site.worker("first")
                let handle = try await site.client.start(
                    Held.self, id: "held", .init(point: "point", inActivity: false))
                try await eventually("it holds the run") { try await site.store.holder(at: "point") == "first" }
                let told = clock.now
                try await site.stop(first)
                let second = try site.worker("second")
                #expect(try await handle.result(timeout: .patience) == "done")
                #expect(clock.now - told < .seconds(15))
                try await site.stop(second)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `A worker that is told to stop while Redis is away exits, and others finish what it held`() async throws {
            try await FaultSite.with(
                lease: .seconds(2), commandTimeout: .seconds(1),
                arguments: ["--appendonly", "yes", "--appendfsync", "always"]
            ) { site in
                let first = try site.worker("first")
                try await LoadDriver.run(.init(count: 60, isLimited: true, mayRepeat: true), at: site) { driver in
                    try await eventually("the load is under way") { driver.finishedCount >= 10 }
                    await site.server.kill()
                    first.terminate()
                    try await eventually("it exits", within: .seconds(12)) { first.hasExited }
                    #expect(await first.exitStatus() == 0)
                    try await site.server.restart()
                    let second = try site.worker("second")
                    try await eventually("the load is done") { driver.finishedCount >= 60 }
                    second.terminate()
                    #expect(await second.exitStatus() == 0)
                }
            }
        }
    }
}

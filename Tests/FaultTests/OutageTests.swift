import CSanitizers
import FaultWorker
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct OutageTests {
        private let clock = ContinuousClock()

        @Test(.timeLimit(.minutes(5)))
        func `Kills of Redis under load lose nothing that was acknowledged`() async throws {
            var random = SeededRandom()
            try await FaultSite.with(
                lease: .seconds(3), arguments: ["--appendonly", "yes", "--appendfsync", "always"]
            ) { site in
                try await Fleet.with(3, at: site) { fleet in
                    try await LoadDriver.run(.init(count: 120), at: site, comment: random.comment) { driver in
                        for kill in 1...4 {
                            try await eventually("the load goes on") { driver.finishedCount >= 15 * kill }
                            try await Task.sleep(for: .milliseconds(.random(in: 0...300, using: &random)))
                            let acknowledged = driver.journal.entries(until: clock.now)
                            await site.server.kill()
                            try await site.server.restart()
                            Figures.shared.add(faults: 1)
                            let missing = try await Journal.missing(of: acknowledged, in: site.judge)
                            Figures.shared.add(violations: missing.count)
                            #expect(missing.map(\.fact) == [], random.comment)
                            #expect(acknowledged.count >= 30 * kill)
                        }
                    }
                    #expect(await fleet.deaths == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `Power cuts with everysec lose what was acknowledged last, and nothing else goes wrong`() async throws {
            var random = SeededRandom()
            try await FaultSite.with(
                lease: .seconds(3), arguments: ["--appendonly", "yes", "--appendfsync", "everysec"]
            ) { site in
                let power = PowerCut(site.server)
                try await Fleet.with(3, at: site) { fleet in
                    let shape = LoadDriver.Shape(count: 120, mayLose: true, mayRepeat: true)
                    try await LoadDriver.run(shape, at: site, comment: random.comment) { driver in
                        for cut in 1...4 {
                            try await eventually("the load goes on") { driver.finishedCount >= 15 * cut }
                            // Redis syncs each second.
                            let window = Duration.milliseconds(.random(in: 300...1000, using: &random))
                            let end = try await power.cut(losing: window)
                            try await site.server.restart()
                            Figures.shared.add(faults: 1)
                            let acknowledged = driver.journal.entries(until: end)
                            let missing = try await Journal.missing(of: acknowledged, in: site.judge)
                            driver.journal.forget(missing)
                            let loss = missing.map { end - $0.time }.max() ?? .zero
                            print(
                                "\(missing.count) acknowledgements lost, the oldest \(loss) old; the disk lacked \(window)"
                            )
                            // While it syncs, Redis may hold back what it would write, for two seconds. Where workers
                            // take the whole machine, it is late itself.
                            #expect(loss <= window + .seconds(isSanitized() ? 10 : 2), random.comment)
                            try await site.checkInvariants()
                        }
                    }
                    #expect(await fleet.deaths == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `A Redis that stops for longer than a lease costs no worker its work`() async throws {
            try await away { server in
                try await server.suspend()
                try await Task.sleep(for: .seconds(4))
                server.resume()
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `A Redis that is dead for longer than a lease costs no worker its work`() async throws {
            try await away { server in
                await server.kill()
                try await Task.sleep(for: .seconds(4))
                try await server.restart()
            }
        }

        /// Long activities are under way when Redis goes away, and end while it is away or after it.
        private func away(_ outage: (RedisTestServer) async throws -> Void) async throws {
            try await FaultSite.with(
                lease: .seconds(2), commandTimeout: .seconds(1),
                arguments: ["--appendonly", "yes", "--appendfsync", "always"]
            ) { site in
                try await Fleet.with(3, at: site) { fleet in
                    let shape = LoadDriver.Shape(count: 6, isLimited: true, toil: 3500)
                    var deaths: [String] = []
                    try await LoadDriver.run(shape, at: site) { driver in
                        try await eventually("activities are under way") { try await site.leases() >= 16 }
                        try await outage(site.server)
                        Figures.shared.add(faults: 1)
                        let watch = try await DeathWatch(site.server)
                        try await eventually("the load is done") { driver.finishedCount >= 6 }
                        deaths = watch.deaths
                        await watch.stop()
                    }
                    #expect(deaths == [])
                    #expect(await fleet.deaths == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `Storms of killed connections and forgotten scripts pass`() async throws {
            var random = SeededRandom()
            try await FaultSite.with(lease: .seconds(5)) { site in
                try await Fleet.with(3, at: site) { fleet in
                    try await LoadDriver.run(.init(count: 150), at: site, comment: random.comment) { driver in
                        let end = clock.now + .seconds(5)
                        while clock.now < end {
                            switch random.next() % 5 {
                            case 0: try await site.redis.send(["SCRIPT", "FLUSH"])
                            case 1: try await site.redis.send(["CLIENT", "KILL", "TYPE", "pubsub"])
                            default: try await site.redis.send(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"])
                            }
                            Figures.shared.add(faults: 1)
                            try await Task.sleep(for: .milliseconds(.random(in: 1...80, using: &random)))
                        }
                        try await site.checkInvariants()
                    }
                    #expect(await fleet.deaths == 0)
                }
            }
        }
    }
}

import FaultWorker
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct KillTests {
        @Test(.timeLimit(.minutes(10)))
        func `Twenty kills of workers under load lose nothing and double nothing`() async throws {
            var random = SeededRandom()
            try await FaultSite.with(lease: .seconds(1)) { site in
                try await Fleet.with(3, at: site) { fleet in
                    try await LoadDriver.run(.init(count: 200, mayRepeat: true), at: site, comment: random.comment) {
                        _ in
                        for _ in 0..<20 {
                            try await Task.sleep(for: .milliseconds(.random(in: 100...700, using: &random)))
                            await fleet.killOne(random.next())
                            try await site.checkInvariants()
                        }
                        try await eventually("all the killed ones are replaced") { await fleet.deaths == 20 }
                    }
                }
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `A run whose workflow code kills its workers is blocked with the reason, and others finish`() async throws
        {
            try await poison(inActivity: false, reason: "3 workers in a row died while they held it")
        }

        @Test(.timeLimit(.minutes(5)))
        func `A run whose activity kills its workers is blocked with the reason, and others finish`() async throws {
            try await poison(
                inActivity: true, reason: "3 workers in a row died while they ran activity “trap” (operation 0)")
        }

        private func poison(inActivity: Bool, reason: String) async throws {
            try await FaultSite.with(lease: .seconds(1)) { site in
                try await Fleet.with(2, at: site) { fleet in
                    let watch = try await DeathWatch(site.server)
                    try await LoadDriver.run(.init(count: 60, concurrency: 20, mayRepeat: true), at: site) { _ in
                        let handle = try await site.client.start(
                            Poison.self, id: "poison", .init(inActivity: inActivity))
                        let blocked = try await handle.wait(until: { $0.state == .blocked }, timeout: .patience)
                        #expect(blocked.reason == reason)
                        try await eventually("the dead are counted") { await fleet.deaths >= 3 }
                    }
                    #expect(await fleet.deaths == 3)
                    // What the tests of outages watch for.
                    #expect(watch.deaths.count >= 3)
                    await watch.stop()
                }
            }
        }
    }
}

import RedisClient
import RedisTestServer

import Testing

extension Faults {
    @Suite struct OutageTests {
        @Test(.timeLimit(.minutes(1)))
        func `A kill of Redis under load loses nothing that was acknowledged`() async throws {
            try await FaultSite.with(
                lease: .seconds(2), arguments: ["--appendonly", "yes", "--appendfsync", "always"]
            ) { site in
                try await Fleet.with(3, at: site) { fleet in
                    try await LoadDriver.run(120, at: site) { driver in
                        try await eventually("the load is under way") { driver.finishedCount >= 20 }
                        await site.server.kill()
                        try await site.server.restart()
                    }
                    #expect(await fleet.deaths == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func `Redis may stop for longer than the command timeout`() async throws {
            try await FaultSite.with(lease: .seconds(1), commandTimeout: .seconds(1)) { site in
                try await Fleet.with(3, at: site) { fleet in
                    try await LoadDriver.run(120, at: site) { driver in
                        try await eventually("the load is under way") { driver.finishedCount >= 20 }
                        try await site.server.suspend()
                        try await Task.sleep(for: .seconds(3))
                        site.server.resume()
                    }
                    #expect(await fleet.deaths == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func `Connections may be killed at any time`() async throws {
            try await FaultSite.with(lease: .seconds(5)) { site in
                try await Fleet.with(3, at: site) { fleet in
                    try await LoadDriver.run(120, at: site) { driver in
                        for kill in 1...8 {
                            try await eventually("the load goes on") { driver.finishedCount >= 10 * kill }
                            try await site.redis.send(["CLIENT", "KILL", "TYPE", "normal"])
                            try await site.redis.send(["CLIENT", "KILL", "TYPE", "pubsub"])
                            try await site.checkInvariants()
                        }
                    }
                    #expect(await fleet.deaths == 0)
                }
            }
        }

        @Test(.timeLimit(.minutes(1)))
        func `Redis may forget its scripts at any time`() async throws {
            try await FaultSite.with(lease: .seconds(5)) { site in
                try await Fleet.with(3, at: site) { fleet in
                    try await LoadDriver.run(120, at: site) { driver in
                        for flush in 1...10 {
                            try await eventually("the load goes on") { driver.finishedCount >= 10 * flush }
                            try await site.redis.send(["SCRIPT", "FLUSH"])
                        }
                    }
                    #expect(await fleet.deaths == 0)
                }
            }
        }
    }
}

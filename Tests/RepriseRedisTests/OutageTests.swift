import RedisClient
import Reprise
import RepriseRedis
import Testing

/// Leases after a time in which nobody could reach Redis.
@Suite(.serialized)
struct OutageTests {
    /// Returns when so much time passed by the server's clock, without a call of a worker.
    private func silence(_ site: Site, for milliseconds: Int) async throws {
        func now() async throws -> Int {
            let time = try await site.redis.send(["TIME"]).asArray
            return try time[0].asInt * 1000 + time[1].asInt / 1000
        }
        let end = try await now() + milliseconds
        try await site.until("\(milliseconds) ms passed") { try await now() >= end }
    }

    @Test func `after an outage the workers that live renew first, and nothing counts as a death`() async throws {
        try await Site.with { site in
            let backend = site.backend
            let alive = try await Player(backend, id: "alive", lease: .milliseconds(600))
            let run = try await backend.start(.sum("a"))
            let task = try #require(try await alive.claim().workflowTasks.first)
            try await silence(site, for: 900)
            // Another worker is the first to come back.
            let other = try await Player(backend, id: "other", lease: .milliseconds(600))
            #expect(try await other.claim().isEmpty)
            #expect(try await backend.renew(worker: "alive", workflows: [task.claim], activities: []) == [])
            #expect(try await other.claim().isEmpty)
            let commit = Player.completing(task, position: 0)
            #expect(try await backend.commit(commit, claiming: nil).answer == .committed)
            #expect(try await backend.describe(workflowID: "a", runNumber: run.number).state == .completed)
        }
    }

    @Test func `after an outage the work of those that don't come back is handed over one lease later`() async throws {
        try await Site.with { site in
            let backend = site.backend
            let dead = try await Player(backend, id: "dead", lease: .milliseconds(400))
            _ = try await backend.start(.sum("a"))
            let task = try #require(try await dead.claim().workflowTasks.first)
            try await silence(site, for: 700)
            // Before the registration, which ends the silence.
            let back = ContinuousClock.now
            let alive = try await Player(backend, id: "alive", lease: .milliseconds(400))
            var again: WorkflowTask?
            try await site.until("the run is handed over") {
                _ = try await backend.renew(worker: "alive", workflows: [], activities: [])
                again = try await alive.claim().workflowTasks.first
                return again != nil
            }
            #expect(ContinuousClock.now - back >= .milliseconds(390))
            #expect(again?.deaths == 1)
            let late = Player.completing(task, position: 0)
            #expect(try await backend.commit(late, claiming: nil).answer == .fenced)
        }
    }

    @Test func `after an outage those with long leases have as long a time to renew, whoever comes back first`()
        async throws
    {
        try await Site.with { site in
            let backend = site.backend
            let patient = try await Player(backend, id: "patient", lease: .milliseconds(1500))
            let hasty = try await Player(backend, id: "hasty", lease: .milliseconds(300))
            _ = try await backend.start(.sum("a"))
            let task = try #require(try await patient.claim().workflowTasks.first)
            try await silence(site, for: 1700)
            try await backend.register(hasty.registration)
            #expect(try await hasty.claim().isEmpty)
            try await site.until("the short lease has passed") {
                try await Task.sleep(for: .milliseconds(50))
                _ = try await backend.renew(worker: "hasty", workflows: [], activities: [])
                let meta = try await site.redis.send(["HGET", "{test:0}:meta", "time"]).asInt
                let record = try await site.redis.send(["HGET", "{test:0}:worker:patient", "expires"]).asInt
                return meta > record + 900
            }
            #expect(try await hasty.claim().isEmpty)
            #expect(try await backend.renew(worker: "patient", workflows: [task.claim], activities: []) == [])
            #expect(
                try await backend.commit(Player.completing(task, position: 0), claiming: nil).answer == .committed)
        }
    }

    @Test func `a clock that goes back hands nothing over and keeps the order of entries`() async throws {
        try await Site.with { site in
            let backend = site.backend
            let player = try await Player(backend, lease: .seconds(60))
            let run = try await backend.start(.sum("a"))
            let task = try #require(try await player.claim().workflowTasks.first)
            // As if the clock had been a minute ahead until now.
            let state = try await site.redis.send(["HGET", "{test:0}:run:\(run)", "state"]).asString
            var words = state.split(separator: " ").map(String.init)
            let ahead = try #require(Int(words[4])) + 60_000
            words[4] = "\(ahead)"
            try await site.redis.send(["HSET", "{test:0}:run:\(run)", "state", words.joined(separator: " ")])
            try await site.redis.send(["HSET", "{test:0}:meta", "time", ahead])
            #expect(try await player.claim().isEmpty)
            let meta = try await site.redis.send(["HMGET", "{test:0}:meta", "time", "hold"]).asArray
            #expect(try meta[0].asInt < ahead)
            #expect(try meta[1].asInt > meta[0].asInt)
            let commit = Player.completing(task, position: 0)
            #expect(try await backend.commit(commit, claiming: nil).answer == .committed)
            let last = try #require(try await backend.history(of: run, after: 1, limit: 1).first)
            #expect(last.time == Timestamp(milliseconds: Int64(ahead)))
        }
    }

    @Test func `a clock that is set back by less than half a lease suspends nothing`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend, lease: .seconds(60))
            #expect(try await player.claim().isEmpty)
            let time = try await site.redis.send(["HGET", "{test:0}:meta", "time"]).asInt
            try await site.redis.send(["HSET", "{test:0}:meta", "time", time + 20_000])
            #expect(try await player.claim().isEmpty)
            let meta = try await site.redis.send(["HMGET", "{test:0}:meta", "time", "hold"]).asArray
            // Outages are seen by the new clock, from now on.
            #expect(try meta[0].asInt < time + 20_000)
            #expect(try meta[1].asInt <= time)
        }
    }
}

import RedisClient
import Reprise
import RepriseRedis
import Testing

/// Nothing piles up where nobody draws: tasks in queues without a worker, parked tasks, clients that died while they waited.
struct DroppingTests {
    private func length(_ list: String, _ site: Site) async throws -> Int {
        try await site.redis.send(["LLEN", "{test:0}:\(list)"]).asInt
    }

    /// Starts a run and takes it through a turn that schedules activities.
    private func schedule(
        _ count: Int, of id: String, _ player: Player, _ site: Site, change: (inout Commit) -> Void = { _ in }
    ) async throws {
        _ = try await site.backend.start(.sum(id))
        let task = try #require(try await player.claim(1, 0).workflowTasks.first)
        var turn = Player.scheduling(task, operations: 0..<count)
        change(&turn)
        #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
    }

    private func terminate(_ id: String, _ site: Site) async throws {
        _ = try await site.backend.terminate(workflowID: id, runNumber: nil, reason: "test")
    }

    @Test func `an activity that nobody serves leaves its queue when it is cancelled, or its run ends`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            try await schedule(1, of: "one", player, site)
            try await schedule(2, of: "both", player, site) { $0.effects.append(.cancel(operation: 0)) }
            #expect(
                try await site.redis.send(["LRANGE", "{test:0}:queue:a:main", 0, -1]).asArray.map { try $0.asString }
                    == ["0:1:one", "1:2:both"])
            try await terminate("one", site)
            try await terminate("both", site)
            #expect(try await length("queue:a:main", site) == 0)
            _ = try await site.backend.start(.sum("queued"))
            try await terminate("queued", site)
            #expect(try await length("queue:w:main", site) == 0)
        }
    }

    @Test func `a parked task leaves its list, and the list's type with the last one`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let stranger = try await Player(site.backend, id: "stranger", types: ["Other"], activities: ["other"])
            for id in ["a", "b"] { try await schedule(1, of: id, player, site) }
            _ = try await site.backend.start(.sum("c"))
            #expect(try await stranger.claim(5, 5).parked.count == 3)
            try await terminate("a", site)
            #expect(try await length("parked:4:main:a:add", site) == 1)
            #expect(try await site.redis.send(["SCARD", "{test:0}:parkedTypes:main"]).asInt == 2)
            try await terminate("b", site)
            try await terminate("c", site)
            #expect(try await site.redis.send(["EXISTS", "{test:0}:parkedTypes:main"]).asInt == 0)
            #expect(try await site.redis.send(["HGET", "{test:0}:meta", "parked"]).asString == "0")
        }
    }

    @Test func `of a long queue the ends are looked at, and a claim drops what is in the middle`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            try await schedule(1, of: "first", player, site)
            try await schedule(1200, of: "before", player, site)
            try await schedule(1, of: "middle", player, site)
            try await schedule(1200, of: "behind", player, site)
            try await schedule(1, of: "last", player, site)
            for id in ["first", "middle", "last"] { try await terminate(id, site) }
            #expect(try await length("queue:a:main", site) == 2401)
            #expect(try await site.backend.checkInvariants() == [])
            var tasks: [ActivityTask] = []
            while true {
                let more = try await player.claim(0, 3000).activityTasks
                if more.isEmpty { break }
                tasks += more
            }
            #expect(tasks.count == 2400)
            #expect(!tasks.contains { $0.claim.run.workflowID == "middle" })
        }
    }

    @Test func `what can't be read at the front of a queue stops nobody who looks for a task behind it`() async throws {
        try await Site.with(checksInvariants: false) { site in
            let player = try await Player(site.backend)
            for junk in ["junk", "0:9:broken"] {
                try await schedule(1, of: junk, player, site)
                try await site.redis.send(["LPUSH", "{test:0}:queue:a:main", junk])
            }
            try await site.redis.send(["SET", "{test:0}:ops:9:broken", "no hash"])
            try await terminate("junk", site)
            try await terminate("0:9:broken", site)
            let left = try await site.redis.send(["LRANGE", "{test:0}:queue:a:main", 0, -1]).asArray
            #expect(try left.map { try $0.asString } == ["0:9:broken", "junk"])

            try await site.redis.send(["LPOP", "{test:0}:queue:a:main"])
            _ = try await site.backend.start(.sum("sound"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            var turn = Player.scheduling(task, operations: 0..<1)
            turn.effects.append(.cancel(operation: 0))
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            #expect(try await length("queue:a:main", site) == 0)
        }
    }

    @Test func `of a large run that ends nothing stays in a queue that nobody serves`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            try await schedule(10_000, of: "large", player, site)
            try await terminate("large", site)
            try await site.until("all is cleared") {
                let work = try await player.claim(0, 0)
                return work.nextDue != work.now
            }
            #expect(try await length("queue:a:main", site) == 0)
        }
    }

    @Test func `clients that died while they waited are forgotten by the run`() async throws {
        try await Site.with { site in
            let run = try await site.backend.start(.sum("a"))
            let waiters = "{test:0}:run:\(run)"
            let dead = (0..<20).map { "dead\($0):1" }.joined(separator: " ")
            try await site.redis.send(["HSET", waiters, "waiters", dead])
            let wait = Task { try await site.backend.wait(for: run, until: .closed) }
            try await site.until("only the live one waits") {
                !(try await site.redis.send(["HGET", waiters, "waiters"]).asString).contains("dead")
            }
            try await terminate("a", site)
            #expect(try await wait.value.state == .terminated)
        }
    }
}

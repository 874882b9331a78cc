import RedisClient
import Reprise
import Testing

@testable import RepriseRedis

/// How closed runs are removed.
struct SweepingTests {
    /// Starts runs with an input of so many bytes, and ends them.
    private func close(_ count: Int, inputBytes: Int = 10, _ prefix: String = "run", on site: Site) async throws {
        for first in stride(from: 0, to: count, by: 50) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in first..<min(first + 50, count) {
                    group.addTask {
                        let input = [UInt8](repeating: 7, count: inputBytes)
                        _ = try await site.backend.start(.sum("\(prefix)-\(index)", input: input))
                        _ = try await site.backend.terminate(
                            workflowID: "\(prefix)-\(index)", runNumber: nil, reason: "test")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private func closedCount(_ site: Site) async throws -> Int {
        try await site.redis.send(["ZCARD", "{test:0}:closed"]).asInt
    }

    @Test func `a sweep by hand keeps what it is told to, without a worker and at maxmemory`() async throws {
        try await Site.with(["--maxmemory-policy", "noeviction"], retention: .unlimited) { site in
            try await close(300, on: site)
            _ = try await site.backend.start(.sum("open"))
            #expect(try await site.backend.sweep() == RedisBackend.Swept(runs: 0, bytes: 0))
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "1"])
            let counted = try #require(try await site.backend.closedBytes())
            #expect(counted.counted == counted.found)
            let swept = try await site.backend.sweep(keeping: Retention(count: 100))
            #expect(swept.runs == 200)
            #expect(try await closedCount(site) == 100)
            let kept = try #require(try await site.backend.closedBytes())
            #expect(kept.counted == kept.found)
            #expect(swept.bytes == counted.counted - kept.counted)
            // Those that closed first are gone; a workflow id without a run is forgotten.
            #expect(try await site.redis.send(["HLEN", "{test:0}:newest"]).asInt == 101)
            #expect(try await site.backend.sweep(keeping: Retention(bytes: 0)).runs == 100)
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "0"])
            #expect(
                try await site.allKeys()
                    == ["history:301:open", "meta", "newest", "open", "queue:w:main", "run:301:open"].map {
                        "{test:0}:\($0)"
                    })
            #expect(try await site.backend.describe(workflowID: "open", runNumber: nil).state == .queued)
        }
    }

    @Test func `a claim removes a bounded number of runs and bytes, and says that there are more`() async throws {
        try await Site.with(retention: Retention(age: .zero)) { site in
            try await close(200, on: site)
            try await close(30, inputBytes: 1 << 20, "large", on: site)
            try await close(1, inputBytes: 12 << 20, "larger", on: site)
            try await close(2, inputBytes: 1 << 20, "last", on: site)
            let player = try await Player(site.backend)
            var counts = [try await closedCount(site)]
            while counts.last != 0, counts.count < 20 {
                let work = try await player.claim()
                counts.append(try await closedCount(site))
                #expect((work.nextDue == work.now) == (counts.last != 0))
            }
            // 64 runs at once, or 7 of 1 MiB and a little, or one that is larger than all that.
            #expect(counts == [233, 169, 105, 41, 26, 19, 12, 5, 3, 2, 0])
        }
    }

    @Test func `runs that are removed while they are checked are no violation`() async throws {
        try await Site.with(retention: Retention(age: .zero)) { site in
            let player = try await Player(site.backend, lease: .seconds(60))
            async let closing: Void = close(400, on: site)
            for _ in 0..<20 {
                _ = try await player.claim()
                #expect(try await site.backend.checkInvariants() == [])
            }
            try await closing
        }
    }

    @Test func `what an earlier release did not count is right again when no closed run is left`() async throws {
        try await Site.with(retention: .unlimited) { site in
            try await close(10, on: site)
            try await site.redis.send(["HDEL", "{test:0}:meta", "kept"])
            let violations = try await site.backend.checkInvariants()
            #expect(violations.map(\.invariant) == ["the bytes of the closed runs are counted"])
            try await site.backend.sweep(keeping: Retention(count: 5))
            try await site.backend.sweep(keeping: Retention(count: 0))
            #expect(try await site.backend.checkInvariants() == [])
            try await close(10, "more", on: site)
            #expect(try await site.backend.checkInvariants() == [])
        }
    }
}

import Foundation
import RedisClient
import Reprise
import RepriseRedis
import Testing

/// What becomes of a record that can't be read, and of the run that it belongs to.
@Suite struct CorruptRecordTests {
    /// An activity that waits for its next attempt.
    private func delayed(_ site: Site, _ player: Player, _ id: String) async throws -> RunID {
        let run = try await site.backend.start(.sum(id))
        let turn = try #require(try await player.claim(1, 0).workflowTasks.first)
        _ = try await site.backend.commit(Player.scheduling(turn, operations: 0..<1), claiming: nil)
        let task = try #require(try await player.claim(0, 1).activityTasks.first)
        let again = ActivityCompletion(claim: task.claim, result: .retry(after: .milliseconds(1), reason: "not yet"))
        _ = try await site.backend.complete(again, claiming: nil)
        return run
    }

    @Test func `An activity that can't be read is put aside and its run blocked; the one due after it runs`()
        async throws
    {
        try await Site.with(checksInvariants: false) { site in
            let player = try await Player(site.backend)
            let broken = try await delayed(site, player, "broken")
            let record = "a r 1 1 0 0 - - 20000 - no queue and no name"
            _ = try await site.redis.send(["HSET", "{test:0}:ops:\(broken)", "0", record])
            let sound = try await delayed(site, player, "sound")
            try await site.until("the sound one runs again") {
                try await player.claim(4, 4).activityTasks.map(\.claim.run) == [sound]
            }
            let description = try await site.backend.describe(workflowID: "broken", runNumber: nil)
            #expect(description.state == .blocked)
            #expect(description.reason?.contains("can't be read") == true)
            let aside = try await site.redis.send(["HGET", "{test:0}:corrupt", "r:0:\(broken)"])
            #expect(!aside.isNull)
        }
    }

    @Test func `A history that can't be read blocks its run; the others of the same claim are handed out`() async throws
    {
        try await Site.with(checksInvariants: false) { site in
            let player = try await Player(site.backend)
            let broken = try await site.backend.start(.sum("broken"))
            let sound = try await site.backend.start(.sum("sound"))
            let history = "{test:0}:history:\(broken)"
            _ = try await site.redis.send(["DEL", history])
            _ = try await site.redis.send(["XADD", history, "1-0", "started", "no time"])
            #expect(try await player.claim(4, 4).workflowTasks.map(\.claim.run) == [sound])
            let description = try await site.backend.describe(workflowID: "broken", runNumber: nil)
            #expect(description.state == .blocked)
            #expect(description.reason?.contains("entry 1") == true)
        }
    }

    @Test func `A run whose claim is gone is terminated, and queued when its lease ends`() async throws {
        try await Site.with(checksInvariants: false) { site in
            let short = try await Player(site.backend, id: "short", lease: .milliseconds(200))
            let ended = try await site.backend.start(.sum("ended"))
            let again = try await site.backend.start(.sum("again"))
            #expect(try await short.claim(2, 0).workflowTasks.count == 2)
            for run in [ended, again] { try await site.redis.send(["HDEL", "{test:0}:run:\(run)", "claim"]) }
            #expect(try await site.backend.terminate(workflowID: "ended", runNumber: nil, reason: "enough") == ended)
            let player = try await Player(site.backend)
            try await site.until("the run is handed out") {
                try await player.claim(1, 0).workflowTasks.first?.claim.run == again
            }
        }
    }

    @Test func `Calls about a run that can't be read say so or find none, and change nothing`() async throws {
        try await Site.with(checksInvariants: false) { site in
            let run = try await site.backend.start(.sum("broken"))
            _ = try await site.redis.send(["HSET", "{test:0}:run:\(run)", "state", "queued and lost"])
            let error = await #expect(throws: BackendError.self) {
                try await site.backend.describe(workflowID: "broken", runNumber: nil)
            }
            #expect(error?.code == .corrupt)
            await #expect(throws: BackendError.self) { try await site.backend.pause(run) }
            let signal = SignalRecord(id: "1", name: "go", payload: [])
            await #expect(throws: BackendError.self) {
                try await site.backend.signal(signal, workflowID: "broken", runNumber: nil)
            }
            let state = try await site.redis.send(["HGET", "{test:0}:run:\(run)", "state"]).asString
            #expect(state == "queued and lost")
        }
    }
}

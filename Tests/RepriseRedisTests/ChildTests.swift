import RedisClient
import Reprise
import RepriseRedis
import Testing

/// Children and continue-as-new, as far as they are special on Redis.
struct ChildTests {
    /// A turn of commands without an input, whose effects are made from where the payloads are.
    private func commit(
        _ task: WorkflowTask, _ commands: [Command], _ effects: ([Range<Int>]) -> [Commit.Effect] = { _ in [] },
        closing: RunState? = nil
    ) -> Commit {
        let turn = Turn(firstCommand: 0, commands: commands).encoded()
        return Commit(
            claim: task.claim, through: task.lastArrival, turn: turn.bytes, effects: effects(turn.payloads),
            closing: closing, result: closing == nil ? nil : turn.payloads.last)
    }

    private let record = StartRecord(type: "Sum", version: "", input: []).encoded()

    private func startingChildren(_ task: WorkflowTask, _ ids: [String]) -> Commit {
        commit(task, ids.map { _ in Command(kind: .startChild, name: "Sum", payload: record) }) { payloads in
            zip(ids, payloads).enumerated().map { index, child in
                .startChild(
                    ScheduledChild(
                        operation: index, workflowID: child.0, type: "Sum", version: "", queue: "main",
                        record: child.1, parentClosePolicy: .terminate))
            }
        }
    }

    @Test func `without memory children start and end, and runs continue as new`() async throws {
        try await Site.with(["--maxmemory-policy", "noeviction"]) { site in
            let backend = site.backend
            let player = try await Player(backend)
            let parent = try await backend.start(.sum("parent"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            _ = try await backend.describe(workflowID: "parent", runNumber: nil)
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "1"])

            let start = startingChildren(task, ["one", "two"])
            let (_, work) = try await backend.commit(start, claiming: player.request(2, 0))
            let children = try #require(work?.workflowTasks)
            #expect(children.map(\.claim.run.workflowID) == ["one", "two"])
            let next = Command(kind: .continueAsNew, payload: record)
            let (_, more) = try await backend.commit(
                commit(children[0], [next], closing: .continuedAsNew), claiming: player.request(1, 0))
            let successor = try #require(more?.workflowTasks.first)
            #expect(successor.claim.run.workflowID == "one")
            _ = try await backend.commit(
                commit(successor, [Command(kind: .complete, payload: [1])], closing: .completed), claiming: nil)
            let last = try #require(try await player.claim(1, 0).workflowTasks.first)
            #expect(last.claim.run == parent)
            #expect(last.history.last?.kind == .childCompleted)
            _ = try await backend.terminate(workflowID: "parent", runNumber: nil, reason: "enough")
            _ = try await player.claim(0, 0)
            #expect(try await backend.describe(workflowID: "two", runNumber: nil).state == .terminated)
        }
    }

    @Test func `claims cost what they cost before once all messages are delivered`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            func commandsOfClaims() async throws -> Int {
                let before = try await site.commandCounts()
                for _ in 0..<4 { _ = try await player.claim(0, 0) }
                let counted = ["hget", "hmget", "hset", "lpop", "exists", "llen", "zrange", "rpush"]
                let after = try await site.commandCounts()
                return counted.reduce(0) { $0 + after[$1, default: 0] - before[$1, default: 0] }
            }
            /// Without what is done every tenth of a second.
            func least() async throws -> Int {
                var least = Int.max
                for _ in 0..<50 { least = min(least, try await commandsOfClaims()) }
                return least
            }
            let before = try await least()
            _ = try await site.backend.start(.sum("parent"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            _ = try await site.backend.commit(startingChildren(task, ["child"]), claiming: player.request(1, 0))
            #expect(try await site.allKeys().contains { $0.hasSuffix(":outbox") } == false)
            #expect(try await least() == before)
        }
    }
}

import RedisClient
import Reprise
import Testing

@testable import RepriseRedis

/// What only Redis makes difficult about cancelling, terminating, pausing and resuming.
struct ControlTests {
    @Test func `without memory runs are cancelled, terminated, paused and resumed`() async throws {
        try await Site.with(["--maxmemory-policy", "noeviction"]) { site in
            let backend = site.backend
            let player = try await Player(backend)
            let later = Timestamp(milliseconds: 4_102_444_800_000)
            var runs: [RunID] = []
            for id in ["leased", "paused", "asked"] { runs.append(try await backend.start(.sum(id))) }
            runs.append(try await backend.start(.sum("delayed", startAt: later)))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            // The scripts are there.
            try await backend.resume(runs[0])
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "1"])

            try await backend.pause(runs[1])
            #expect(try await backend.describe(workflowID: "paused", runNumber: nil).state == .paused)
            try await backend.resume(runs[1])
            _ = try await backend.requestCancel(workflowID: "asked", runNumber: nil, reason: "r")
            _ = try await backend.requestCancel(workflowID: "delayed", runNumber: nil, reason: "r")
            #expect(try await backend.describe(workflowID: "delayed", runNumber: nil).state == .cancelled)
            for id in ["leased", "paused", "asked"] {
                _ = try await backend.terminate(workflowID: id, runNumber: nil, reason: "r")
                #expect(
                    try await backend.wait(for: try #require(runs.first { $0.workflowID == id }), until: .closed).state
                        == .terminated)
            }
            #expect(try await backend.commit(Player.completing(task, position: 0), claiming: nil).answer == .fenced)
            #expect(try await player.claim().isEmpty)
        }
    }

    @Test func `a call about the newest run names it, so that a repeat doesn't hit another`() async throws {
        try await Site.with { site in
            let backend = site.backend
            try await site.redis.send(["CONFIG", "SET", "slowlog-log-slower-than", "0"])
            let signal = SignalRecord(id: "s", name: "n", payload: [])
            let calls: [(RedisScript, (String) async throws -> RunID)] = [
                (Scripts.shared.signal, { try await backend.signal(signal, workflowID: $0, runNumber: nil) }),
                (
                    Scripts.shared.cancel,
                    { try await backend.requestCancel(workflowID: $0, runNumber: nil, reason: "") }
                ),
                (Scripts.shared.terminate, { try await backend.terminate(workflowID: $0, runNumber: nil, reason: "") }),
            ]
            for (index, (script, call)) in calls.enumerated() {
                let id = "order-\(index)"
                let error = await #expect(throws: BackendError.self) { try await call(id) }
                #expect(error?.code == .runNotFound)
                let run = try await backend.start(.sum(id))
                try await site.redis.send(["SLOWLOG", "RESET"])
                #expect(try await call(id) == run)
                let log = try await site.redis.send(["SLOWLOG", "GET", 100]).asArray
                let commands = try log.map { try $0.asArray[3].asArray.map { try $0.asString } }
                let words = try #require(commands.first { $0.count > 5 && $0[1] == script.sha1 })
                #expect(Array(words[4...5]) == [id, "\(run.number)"])
            }
        }
    }

    @Test func `a run paused deep in its queue is claimed once after it is resumed`() async throws {
        try await Site.with { site in
            let backend = site.backend
            let player = try await Player(backend)
            var runs: [RunID] = []
            for index in 0..<1100 { runs.append(try await backend.start(.sum("run-\(index)"))) }
            // The queue is not searched so far for the last one.
            for run in [runs[0], runs[1099]] {
                try await backend.pause(run)
                try await backend.resume(run)
            }
            try await backend.pause(runs[1098])
            var claimed: [RunID] = []
            while claimed.count < 1099 {
                let tasks = try await player.claim(500, 0).workflowTasks
                try #require(!tasks.isEmpty)
                for task in tasks {
                    claimed.append(task.claim.run)
                    let commit = Player.completing(task, position: 0)
                    #expect(try await backend.commit(commit, claiming: nil).answer == .committed)
                }
            }
            #expect(try await player.claim(500, 0).isEmpty)
            #expect(Set(claimed) == Set(runs).subtracting([runs[1098]]))
            #expect(try await backend.describe(workflowID: "run-1098", runNumber: nil).state == .paused)
        }
    }
}

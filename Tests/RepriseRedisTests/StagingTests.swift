import RedisClient
import Reprise
import Testing

@testable import RepriseRedis

/// Turns of more effects than one script applies, when their worker doesn't get through.
struct StagingTests {
    private let count = 1300

    @Test func `claims carry out a large turn whose worker died after the commit`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let run = try await site.backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let (calls, commit) = try site.backend.commitCalls(Player.scheduling(task, operations: 0..<count))
            _ = try await site.backend.runner.send(Array(calls[...commit]))
            #expect(try await site.backend.checkInvariants() == [])

            var operations: Set<Int> = []
            var claims = 0
            while operations.count < count, claims < 20 {
                let work = try await player.claim(1, 600)
                claims += 1
                #expect(work.workflowTasks.isEmpty)
                // One page a claim, and then at once the next.
                #expect(work.activityTasks.count <= Limits.effectsPerPage)
                #expect(operations.count + work.activityTasks.count == count || work.nextDue == work.now)
                operations.formUnion(work.activityTasks.map(\.claim.operation))
                #expect(try await site.backend.checkInvariants() == [])
            }
            #expect(operations.count == count)
            #expect(try await site.backend.describe(workflowID: "large", runNumber: run.number).state == .idle)
            #expect(try await site.redis.send(["EXISTS", "{test:0}:staged:\(run)"]).asInt == 0)
        }
    }

    @Test func `a large turn whose worker died before the commit leaves no trace in the next one`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let run = try await site.backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let (calls, _) = try site.backend.commitCalls(Player.scheduling(task, operations: 0..<count))
            _ = try await site.backend.runner.send(Array(calls[..<2]))
            _ = try await site.backend.release(WorkflowRelease(claim: task.claim, disposition: .handBack))

            let again = try #require(try await player.claim().workflowTasks.first)
            let late = try await site.backend.runner.send([calls[2]])[0]
            #expect(try late.asString == "fenced")
            let turn = Player.scheduling(again, operations: 0..<600, input: Array("again".utf8))
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            let tasks = try await player.claimActivities()
            #expect(tasks.count == 600)
            #expect(tasks.allSatisfy { $0.input == Array("again".utf8) })
            #expect(try await site.redis.send(["EXISTS", "{test:0}:staged:\(run)"]).asInt == 0)
        }
    }

    @Test func `a large turn that is sent again after a lost reply takes effect once`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let turn = Player.scheduling(task, operations: 0..<count)
            let (calls, commit) = try site.backend.commitCalls(turn)
            // The connection broke after one page, then in the middle of them, then after the commit.
            _ = try await site.backend.runner.send(Array(calls[..<1]))
            _ = try await site.backend.runner.send(Array(calls[..<2]))
            let early = try await site.backend.runner.send([calls[commit]])[0]
            #expect(try early.asArray[0].asArray.map { try $0.asString } == ["unstaged"])
            let replies = try await site.backend.runner.send(Array(calls[1...(commit + 1)]))
            #expect(try replies[commit - 1].asArray[0].asArray.map { try $0.asString } == ["committed"])
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            #expect(try await player.claimActivities().count == count)
            #expect(try await player.claim(1, 5000).isEmpty)

            // A page that is asked for so late that the run went on, and closed.
            _ = try await site.backend.requestCancel(workflowID: "large", runNumber: nil, reason: "enough")
            let last = try #require(try await player.claim().workflowTasks.first)
            let end = Player.completing(last, position: count)
            #expect(try await site.backend.commit(end, claiming: nil).answer == .committed)
            _ = try await site.backend.runner.send([calls[commit + 1]])
            #expect(try await site.backend.describe(workflowID: "large", runNumber: nil).state == .completed)
        }
    }

    @Test func `what a recorded large turn says to other runs is said, also if its run is terminated before`()
        async throws
    {
        try await Site.with { site in
            let backend = site.backend
            let player = try await Player(backend)
            _ = try await backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let record = StartRecord(type: "Sum", version: "", input: []).encoded()
            var commands = (0..<count).map { _ in Command(kind: .scheduleActivity, name: "add", payload: [1]) }
            commands += [0, 1].map { _ in Command(kind: .startChild, name: "Sum", payload: record) }
            let turn = Turn(firstCommand: 0, commands: commands).encoded()
            var commit = Commit(claim: task.claim, through: task.lastArrival, turn: turn.bytes)
            commit.effects = turn.payloads.prefix(count).enumerated().map { operation, range in
                .scheduleActivity(
                    ScheduledActivity(
                        operation: operation, name: "add", queue: "main", input: range,
                        timeouts: ActivityTimeouts(startToClose: .seconds(20)), retry: .none))
            }
            commit.effects.append(.startTimer(operation: count + 2, due: Timestamp(milliseconds: 1)))
            for (index, policy) in [ParentClosePolicy.abandon, .terminate].enumerated() {
                commit.effects.append(
                    .startChild(
                        ScheduledChild(
                            operation: count + index, workflowID: policy.rawValue, type: "Sum", version: "",
                            queue: "children", record: turn.payloads[count + index], parentClosePolicy: policy)))
            }
            let (calls, index) = try backend.commitCalls(commit)
            // The first page is applied, the others aren't.
            _ = try await backend.runner.send(Array(calls[...(index + 1)]))
            _ = try await backend.terminate(workflowID: "large", runNumber: nil, reason: "enough")
            _ = try await backend.runner.send([calls[index + 1]])
            #expect(try await backend.checkInvariants() == [])

            try await site.until("all is cleared") {
                let work = try await player.claim()
                #expect(work.isEmpty)
                return work.nextDue != work.now
            }
            #expect(try await backend.describe(workflowID: "abandon", runNumber: nil).state == .queued)
            #expect(try await backend.describe(workflowID: "terminate", runNumber: nil).state == .terminated)
            #expect(try await site.redis.send(["EXISTS", "{test:0}:queue:a:main"]).asInt == 0)
            #expect(try await site.redis.send(["EXISTS", "{test:0}:timers"]).asInt == 0)
        }
    }

    @Test func `no script of a large turn applies more than a page`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let (calls, commit) = try site.backend.commitCalls(Player.scheduling(task, operations: 0..<10_000))
            #expect(commit == 40)
            #expect(calls.count == 81)
            _ = try await site.backend.runner.send(Array(calls[...commit]))
            let queue = "{test:0}:queue:a:main"
            for page in 1...40 {
                _ = try await site.backend.runner.send(calls[commit + 1])
                #expect(try await site.redis.send(["LLEN", queue]).asInt == min(page * 256, 10_000))
            }
        }
    }

    @Test func `a large turn is committed and carried out at maxmemory`() async throws {
        try await Site.with(["--maxmemory-policy", "noeviction"]) { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "1"])
            let turn = Player.scheduling(task, operations: 0..<count)
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            #expect(try await player.claimActivities().count == count)
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "0"])
        }
    }

    @Test func `pages that no commit followed are no part of another claim's commit, and go away`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let run = try await site.backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let (calls, commit) = try site.backend.commitCalls(Player.scheduling(task, operations: 0..<count))
            _ = try await site.backend.runner.send(Array(calls[..<commit]))
            #expect(try await site.redis.send(["TTL", "{test:0}:staged:\(run)"]).asInt > 0)
            _ = try await site.backend.release(WorkflowRelease(claim: task.claim, disposition: .handBack))

            let again = try #require(try await player.claim().workflowTasks.first)
            let turn = Player.scheduling(again, operations: 0..<count, input: Array("again".utf8))
            let (others, index) = try site.backend.commitCalls(turn)
            let alone = try await site.backend.runner.send([others[index]])[0]
            #expect(try alone.asArray[0].asArray.map { try $0.asString } == ["unstaged"])
            _ = try await site.backend.runner.send(Array(others[...index]))
            // From now on they are what the run waits for.
            #expect(try await site.redis.send(["TTL", "{test:0}:staged:\(run)"]).asInt == -1)
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            let tasks = try await player.claimActivities()
            #expect(tasks.count == count)
            #expect(tasks.allSatisfy { $0.input == Array("again".utf8) })
        }
    }

    @Test func `a turn that closes its run puts no activities and timers in place`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            var turn = Player.scheduling(task, operations: 0..<count)
            turn.effects.append(.startTimer(operation: count, due: Timestamp(milliseconds: 1)))
            turn.closing = .completed
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            // Nobody may be there to draw and drop them.
            #expect(try await site.redis.send(["EXISTS", "{test:0}:queue:a:main"]).asInt == 0)
            #expect(try await player.claim().isEmpty)
        }
    }
}

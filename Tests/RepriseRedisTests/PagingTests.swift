import RedisClient
import Reprise
import Testing

@testable import RepriseRedis

/// What goes by pages: a worker that dies between two of them, and repeats.
struct PagingTests {
    // MARK: Continuing as new

    private let record = StartRecord(type: "Sum", version: "2", input: [1, 2]).encoded()

    private func continuing(_ task: WorkflowTask, through: Int, carrying numbers: [Int]) -> Commit {
        let turn = Turn(firstCommand: 0, commands: [Command(kind: .continueAsNew, payload: record)]).encoded()
        return Commit(
            claim: task.claim, through: through, turn: turn.bytes, closing: .continuedAsNew,
            result: turn.payloads.last, carried: numbers)
    }

    private func signal(_ site: Site, _ id: String, _ range: Range<Int>) async throws {
        for index in range {
            let record = SignalRecord(id: "\(index)", name: "note", payload: [UInt8](repeating: 7, count: 100))
            _ = try await site.backend.signal(record, workflowID: id, runNumber: nil)
        }
    }

    private func ids(_ site: Site, of run: RunID) async throws -> [String] {
        var ids: [String] = []
        var last = 0
        while true {
            let page = try await site.backend.history(of: run, after: last, limit: 1000)
            guard let entry = page.last else { return ids }
            last = entry.number
            for entry in page where entry.kind == .signalled {
                ids.append(try SignalRecord(decoding: entry.payload).id)
            }
        }
    }

    @Test func `a run that is prepared by a worker which dies leaves no trace in the one that another makes`()
        async throws
    {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let run = try await site.backend.start(.sum("long"))
            try await signal(site, "long", 0..<700)
            let task = try #require(try await player.claim().workflowTasks.first)
            let all = Array(2...701)
            try await site.backend.prepareNextRun(continuing(task, through: 701, carrying: all))
            let prepared = "{test:0}:history:0:\(task.claim.nonce)"
            #expect(try await site.redis.send(["XLEN", prepared]).asInt == 701)
            #expect(try await site.redis.send(["TTL", prepared]).asInt > 0)
            _ = try await site.backend.release(WorkflowRelease(claim: task.claim, disposition: .handBack))

            let again = try #require(try await player.claim().workflowTasks.first)
            let commit = continuing(again, through: 701, carrying: all.filter { $0.isMultiple(of: 2) })
            for _ in 0..<2 {
                #expect(try await site.backend.commit(commit, claiming: nil).answer == .committed)
            }
            // What the dead worker sends late.
            let late = continuing(task, through: 701, carrying: all)
            try await site.backend.prepareNextRun(late)
            #expect(try await site.backend.commit(late, claiming: nil).answer == .fenced)

            let next = try await site.backend.describe(workflowID: "long", runNumber: nil)
            #expect(next.run.number == run.number + 1)
            #expect(next.version == "2")
            #expect(next.lastEntry == 351)
            #expect(try await ids(site, of: next.run) == (0..<350).map { "\($0 * 2)" })
            #expect(try await site.redis.send(["TTL", "{test:0}:history:\(next.run)"]).asInt == -1)
            #expect(try await site.redis.send(["TTL", "{test:0}:run:\(next.run)"]).asInt == -1)
            let first = try #require(try await player.claim().workflowTasks.first)
            #expect(first.claim.run == next.run)
            #expect(first.history.first?.payload == record)
        }
    }

    @Test func `what comes while the next run is prepared is for it, and a turn that was refused begins anew`()
        async throws
    {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("long"))
            try await signal(site, "long", 0..<400)
            let task = try #require(try await player.claim().workflowTasks.first)
            try await signal(site, "long", 400..<410)
            let early = continuing(task, through: 401, carrying: Array(2...401))
            guard case .refused(let unseen) = try await site.backend.commit(early, claiming: nil).answer else {
                Issue.record("it closes with unseen arrivals")
                return
            }
            #expect(unseen.map(\.number) == Array(402...411))
            // The turn has taken one of them meanwhile. So much comes after it that it is no part of the commit.
            try await signal(site, "long", 410..<1000)
            var commit = continuing(task, through: 411, carrying: Array(3...411))
            commit.closesRegardless = true
            let (answer, work) = try await site.backend.commit(commit, claiming: player.request())
            #expect(answer == .committed)
            #expect(work != nil)
            let next = try await site.backend.describe(workflowID: "long", runNumber: nil)
            #expect(try await ids(site, of: next.run) == (1..<1000).map { "\($0)" })
        }
    }

    // MARK: Closing

    @Test func `the pages of a turn that closes its run are carried out by claims, though its worker died`()
        async throws
    {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let parent = try await site.backend.start(.sum("parent"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let started = 1000
            let turn = Turn(
                firstCommand: 0,
                commands: (0..<started).map { _ in Command(kind: .startChild, name: "Sum", payload: record) }
                    + [Command(kind: .complete, payload: [9])]
            ).encoded()
            let effects = (0..<started).map { index in
                Commit.Effect.startChild(
                    ScheduledChild(
                        operation: index, workflowID: "child-\(index)", type: "Sum", version: "2", queue: "main",
                        record: turn.payloads[index], parentClosePolicy: index < 500 ? .abandon : .terminate))
            }
            let commit = Commit(
                claim: task.claim, through: 1, turn: turn.bytes, effects: effects + [.cancel(operation: 3)],
                closing: .completed, result: turn.payloads.last)
            let (calls, index) = try site.backend.commitCalls(commit)
            #expect(calls.count == index + 1)
            _ = try await site.backend.runner.send(calls)
            #expect(try await site.backend.describe(workflowID: "parent", runNumber: nil).state == .completed)
            #expect(try await site.backend.checkInvariants() == [])
            // The same again, and late.
            #expect(try await site.backend.commit(commit, claiming: nil).answer == .committed)

            try await site.until("all is carried out") {
                let work = try await player.claim(0, 0)
                return work.nextDue ?? Timestamp(milliseconds: .max) > work.now
            }
            for index in 0..<started {
                let child = try await site.backend.describe(workflowID: "child-\(index)", runNumber: nil)
                #expect(child.parent == parent)
                #expect(child.state == (index < 500 ? .queued : .terminated))
                #expect(child.lastEntry == (index == 3 || index >= 500 ? 2 : 1))
            }
            for key in ["staged:\(parent)", "remains:\(parent)", "ops:\(parent)", "outbox"] {
                #expect(try await site.redis.send(["EXISTS", "{test:0}:" + key]).asInt == 0)
            }
        }
    }

    @Test func `a run that continues as new can start the children anew that its end terminated`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("parent"))
            let task = try #require(try await player.claim().workflowTasks.first)
            func startingChildren(_ task: WorkflowTask, _ count: Int) -> Commit {
                let command = Command(kind: .startChild, name: "Sum", payload: record)
                let turn = Turn(firstCommand: 0, commands: Array(repeating: command, count: count)).encoded()
                return Commit(
                    claim: task.claim, through: task.lastArrival, turn: turn.bytes,
                    effects: turn.payloads.enumerated().map { index, range in
                        .startChild(
                            ScheduledChild(
                                operation: index, workflowID: "child-\(index)", type: "Sum", version: "2",
                                queue: "children", record: range, parentClosePolicy: .terminate))
                    })
            }
            #expect(try await site.backend.commit(startingChildren(task, 700), claiming: nil).answer == .committed)
            try await signal(site, "parent", 0..<1)
            var last: WorkflowTask?
            while last == nil { last = try await player.claim(1, 0).workflowTasks.first }
            let ending = try #require(last)
            let end = continuing(ending, through: ending.lastArrival, carrying: [])
            #expect(try await site.backend.commit(end, claiming: nil).answer == .committed)
            var first: WorkflowTask?
            // The claim that takes the next run clears up one page of the old one.
            while first == nil { first = try await player.claim(1, 0).workflowTasks.first }
            let next = try #require(first)
            #expect(try await site.backend.commit(startingChildren(next, 700), claiming: nil).answer == .committed)
            try await site.until("all messages are delivered") {
                let work = try await player.claim(0, 0)
                return work.nextDue ?? Timestamp(milliseconds: .max) > work.now
            }
            for index in 0..<700 {
                let child = try await site.backend.describe(workflowID: "child-\(index)", runNumber: nil)
                #expect(child.parent == next.claim.run)
                #expect(child.state == .queued)
            }
        }
    }

    // MARK: Unblocking

    @Test func `a run with many blocked activities is unblocked by pages, also by a new build`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            for id in ["by hand", "by build"] {
                let run = try await site.backend.start(.sum(id))
                let task = try #require(try await player.claim(1, 0).workflowTasks.first)
                #expect(
                    try await site.backend.commit(Player.scheduling(task, operations: 0..<2000), claiming: nil).answer
                        == .committed)
                try await blockActivities(300, of: run, site)
                #expect(try await site.backend.describe(workflowID: id, runNumber: nil).state == .blocked)
                #expect(try await site.backend.checkInvariants() == [])
                // A worker that dies after a page leaves the run blocked, and its activities at work.
                let call = site.backend.runner.call(site.backend.scripts.unblock, run.description)
                #expect(try await site.backend.runner.send(call).asString == "more")
                #expect(try await site.backend.describe(workflowID: id, runNumber: nil).state == .blocked)
                #expect(try await site.redis.send(["SCARD", "{test:0}:stuck:\(run)"]).asInt == 172)
                #expect(try await site.backend.checkInvariants() == [])
                if id == "by hand" {
                    try await site.backend.unblock(run)
                } else {
                    _ = try await Player(site.backend, id: "new", activities: [], build: "2")
                }
                #expect(try await site.backend.describe(workflowID: id, runNumber: nil).state == .idle)
                #expect(try await site.redis.send(["EXISTS", "{test:0}:stuck:\(run)"]).asInt == 0)
                #expect(try await site.backend.checkInvariants() == [])
                #expect(try await player.claimActivities().count == 2000)
            }
        }
    }

    @Test func `a run whose blocked activity is gone is unblocked, and its others go on`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let run = try await site.backend.start(.sum("a"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            let turn = Player.scheduling(task, operations: 0..<4)
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            try await blockActivities(3, of: run, site)
            try await site.redis.send(["HDEL", "{test:0}:ops:\(run)", "0", "0:in"])
            try await site.backend.unblock(run)
            #expect(try await site.backend.describe(workflowID: "a", runNumber: nil).state == .idle)
            #expect(try await player.claimActivities().map(\.claim.operation).sorted() == [1, 2, 3])
        }
    }

    /// Makes activities of a run as they are after three deaths, and the run as it is then.
    private func blockActivities(_ count: Int, of run: RunID, _ site: Site) async throws {
        let script = """
            local base = string.sub(KEYS[1], 1, -5)
            local ref, count = ARGV[1], tonumber(ARGV[2])
            for operation = 0, count - 1 do
              local text = redis.call('HGET', base .. 'ops:' .. ref, operation)
              redis.call('HSET', base .. 'ops:' .. ref, operation, (string.gsub(text, '^a q 1 0 0', 'a b 1 3 3')))
              redis.call('SADD', base .. 'stuck:' .. ref, operation)
              redis.call('LREM', base .. 'queue:a:main', 1, operation .. ':' .. ref)
            end
            local state = redis.call('HGET', base .. 'run:' .. ref, 'state')
            redis.call('HSET', base .. 'run:' .. ref, 'state', (string.gsub(state, '^idle', 'blocked')), 'trouble',
              '0 0 ' .. count, 'reason', 'they died', 'build', '1', 'tried', '["1"]', 'stuckBuild', '1', 'stuckReason', 'they died')
            redis.call('ZADD', base .. 'blocked', 1, ref)
            redis.call('ZADD', base .. 'blocked:4:main:Sum', 0, '5:["1"]:' .. ref)
            return 1
            """
        let command = RedisCommand("EVAL", script, 1, site.backend.keys.meta, run.description, count)
        #expect(try await site.redis.send(command).asInt == 1)
    }

    // MARK: Leaving

    @Test func `a worker that ends between the pages in which it gives back counts as no death`() async throws {
        try await Site.with { site in
            let lease = Duration.seconds(3)
            let watcher = try await Player(site.backend, id: "watcher", activities: [])
            _ = try await site.backend.start(.sum("large"))
            let task = try #require(try await watcher.claim(1, 0).workflowTasks.first)
            let turn = Player.scheduling(task, operations: 0..<200)
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            let leaving = try await Player(site.backend, id: "leaving", lease: lease)
            var held: [ActivityTask] = []
            while held.count < 200 { held += try await leaving.claim(0, 200 - held.count).activityTasks }
            _ = try await leaving.claim(1, 0)
            let call = site.backend.runner.call(site.backend.scripts.unregister, "leaving")
            #expect(try await site.backend.runner.send(call).asInt == 1)
            await #expect(throws: BackendError.self) { try await leaving.claim(0, 1) }
            #expect(try await site.backend.checkInvariants() == [])
            // What goes on until its page comes keeps its lease.
            for activity in held {
                if try await site.backend.heartbeat(activity.claim, details: nil) == .recorded { break }
            }
            _ = try await watcher.claim(0, 0)
            #expect(try await site.redis.send(["ZCARD", "{test:0}:leases"]).asInt == 72)

            try await site.until("the leases end") {
                _ = try await watcher.claim(0, 0)
                return try await site.redis.send(["ZCARD", "{test:0}:leases"]).asInt == 0
            }
            let other = try await Player(site.backend, id: "other")
            let tasks = try await other.claimActivities()
            #expect(tasks.count == 200)
            #expect(tasks.allSatisfy { $0.deaths == 0 })
            try await site.until("the worker is forgotten") {
                _ = try await watcher.claim(0, 0)
                return try await site.redis.send(["EXISTS", "{test:0}:worker:leaving", "{test:0}:held:leaving"]).asInt
                    == 0
            }
        }
    }

    // MARK: Waiting

    @Test func `those who wait for a run and died are forgotten when they are many`() async throws {
        try await Site.with { site in
            let run = try await site.backend.start(.sum("popular"))
            let dead = (0..<300).map { "dead\($0):1" }.joined(separator: " ")
            let key = "{test:0}:run:\(run)"
            try await site.redis.send(["HSET", key, "waiters", dead])
            async let end = site.backend.wait(for: run, until: .closed)
            try await site.until("only one waits") {
                let waiters = try await site.redis.send(["HGET", key, "waiters"]).asString
                return waiters.split(separator: " ").count == 1
            }
            _ = try await site.backend.terminate(workflowID: "popular", runNumber: nil, reason: "enough")
            #expect(try await end.state == .terminated)
        }
    }

    @Test func `Turns that come together and end runs of which much is open are not all recorded by one script`()
        async throws
    {
        try await Site.with { site in
            let player = try await Player(site.backend)
            for index in 0..<4 { _ = try await site.backend.start(.sum("run-\(index)")) }
            for task in try await player.claim(4, 0).workflowTasks {
                _ = try await site.backend.commit(Player.scheduling(task, operations: 0..<200), claiming: nil)
            }
            for index in 0..<4 {
                _ = try await site.backend.requestCancel(workflowID: "run-\(index)", runNumber: nil, reason: "enough")
            }
            let ends = try await player.claim(4, 0).workflowTasks.map { Player.completing($0, position: 200) }
            let items = try ends.map { try site.backend.commitItem($0).item }
            let reply = try await site.backend.runner.send(site.backend.calls.make(items, of: nil))
            let answers = try reply.asArray.filter { !$0.isNull }.map { try $0.asArray[0].asString }
            #expect(answers == ["committed", "committed", "again", "again"])
            #expect(try await site.backend.checkInvariants() == [])
            // Whoever hands them in hears only of the end.
            let all = try await withThrowingTaskGroup(of: CommitAnswer.self) { group in
                for end in ends { group.addTask { try await site.backend.commit(end, claiming: nil).answer } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(all == Array(repeating: .committed, count: 4))
        }
    }
}

import RedisClient
import Reprise
import Testing

@testable import RepriseRedis

/// However much there is, a script does a bounded part of it. Times drift, so what is bounded is how many commands run inside.
struct BoundedScriptTests {
    /// A claim, the old tasks that it drops and those that it looks for in lists, and a page, whose commands take many
    /// arguments each.
    private let limit = 1500

    /// Makes a run with so many open operations: activities, of which the player holds some, and timers.
    private func open(_ count: Int, _ site: Site, _ player: Player, id: String = "large") async throws -> (
        run: RunID, held: [ActivityTask]
    ) {
        let run = try await site.backend.start(.sum(id))
        let task = try #require(try await player.claim(1, 0).workflowTasks.first)
        var turn = Player.scheduling(task, operations: 0..<count)
        let due = try await player.claim(0, 0).now.advanced(by: .seconds(3600))
        for index in stride(from: 1, to: count, by: 2) {
            turn.effects[index] = .startTimer(operation: index, due: due)
        }
        #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
        return (run, try await player.claim(0, 100).activityTasks)
    }

    @Test func `runs that were blocked in one millisecond are listed in pages, however many they are`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let run = try await site.backend.start(.sum("a-0"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            _ = try await site.backend.release(WorkflowRelease(claim: task.claim, disposition: .block(reason: "odd")))
            let since = try #require(try await site.backend.describe(workflowID: "a-0", runNumber: nil).blockage?.since)
            let count = 5000
            let script = """
                local base = string.sub(KEYS[1], 1, -5)
                local copied = redis.call('HGETALL', base .. 'run:' .. ARGV[1])
                for number = 2, tonumber(ARGV[2]) do
                  local ref = number .. ':a-' .. number
                  redis.call('HSET', base .. 'run:' .. ref, unpack(copied))
                  redis.call('ZADD', base .. 'blocked', ARGV[3], ref)
                end
                return 1
                """
            try await site.redis.send(
                RedisCommand(
                    "EVAL", script, 1, site.backend.keys.meta, run.description, count, "\(since.milliseconds)"))

            var listed: [RunID] = []
            var last: RunDescription?
            repeat {
                let (page, cost) = try await site.cost { [last] in
                    try await site.backend.blockedRuns(after: last, limit: 256)
                }
                #expect(page.count <= 256)
                // One or two for each run that it tells of, and the search for the place where it begins.
                #expect(cost < 600)
                listed += page.map(\.run)
                last = page.last
            } while last != nil
            #expect(listed.count == count)
            #expect(Set(listed).count == count)
            try await site.redis.send(["FLUSHALL"])
        }
    }

    @Test func `a run with 10,000 open operations closes at once, and claims clear them away`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let (run, held) = try await open(10_000, site, player)
            #expect(held.count == 100)
            let told = try await site.backend.cancellations(of: player.registration.id)
            _ = try await site.backend.requestCancel(workflowID: "large", runNumber: nil, reason: "enough")
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            let end = Player.completing(task, position: 10_000)
            let (answer, cost) = try await site.cost { try await site.backend.commit(end, claiming: nil).answer }
            #expect(answer == .committed)
            #expect(cost < limit)
            #expect(try await site.backend.describe(workflowID: "large", runNumber: nil).state == .completed)
            // Nothing of it has an effect any more.
            let late = ActivityCompletion(claim: held[0].claim, result: .completed([1]))
            #expect(try await site.backend.complete(late, claiming: nil).answer == .resolved)
            #expect(try await site.backend.heartbeat(held[1].claim, details: nil) == .superseded)

            // The worker that closed it dies; others clear up, of whom the first dies, too.
            let first = try await Player(site.backend, id: "first", queue: "other")
            let second = try await Player(site.backend, id: "second", queue: "other")
            var left = 15_000
            while left > 0 {
                let (work, cost) = try await site.cost { try await (left > 9000 ? first : second).claim() }
                #expect(cost < limit)
                let now = try await site.redis.send(["HLEN", "{test:0}:remains:\(run)"]).asInt
                #expect(left - now <= 512)
                #expect(now == 0 || work.nextDue == work.now)
                if (7500..<8012).contains(now) { #expect(try await site.backend.checkInvariants() == []) }
                try #require(now < left)
                left = now
            }
            for key in ["timers", "outbox", "held:worker1", "leases", "ops:\(run)", "remains:\(run)"] {
                #expect(try await site.redis.send(["EXISTS", "{test:0}:" + key]).asInt == 0, "\(key)")
            }
            #expect(try await second.claim().nextDue == nil)
            let claims = held.map(\.claim)
            let lost = try await site.backend.renew(worker: "worker1", workflows: [], activities: claims)
            #expect(lost == claims.map(\.nonce))
            var cancelled: Set<String> = []
            for await cancellation in told {
                #expect(cancellation.reason == .runClosed)
                cancelled.insert(cancellation.nonce)
                if cancelled.count == held.count { break }
            }
            #expect(cancelled == Set(lost))
        }
    }

    @Test func `terminating a run with 10,000 open operations, and its retention, are bounded`() async throws {
        try await Site.with(retention: Retention(age: .zero)) { site in
            let player = try await Player(site.backend)
            _ = try await open(10_000, site, player)
            let (_, cost) = try await site.cost {
                try await site.backend.terminate(workflowID: "large", runNumber: nil, reason: "enough")
            }
            #expect(cost < limit)
            // The run is gone before what it left behind.
            try await site.until("all is cleared away") {
                let (work, cost) = try await site.cost { try await player.claim() }
                #expect(cost < limit)
                return work.isEmpty && work.nextDue == nil
            }
            #expect(try await site.allKeys().filter { $0.hasSuffix(":large") } == [])
        }
    }

    @Test func `messages that end children with many operations each are delivered a few at a time`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let parent = try await site.backend.start(.sum("parent"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let record = StartRecord(type: "Sum", version: "1", input: [])
            let children = (0..<40).map { index in
                Commit.Effect.startChild(
                    ScheduledChild(
                        operation: index, workflowID: "child-\(index)", type: "Sum", version: "1", queue: "main",
                        record: 0..<0, parentClosePolicy: .terminate))
            }
            var turn = Player.scheduling(task, operations: 0..<40, input: record.encoded())
            turn.effects = children
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            var open = 0
            while open < 40 {
                guard let child = try await player.claim(1, 0).workflowTasks.first else { continue }
                let turn = Player.scheduling(child, operations: 0..<250)
                #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
                open += 1
            }
            _ = try await site.backend.terminate(
                workflowID: "parent", runNumber: parent.number, reason: "enough")
            try await site.until("all are terminated") {
                let (work, cost) = try await site.cost { try await player.claim(0, 0) }
                #expect(cost < limit)
                return work.nextDue ?? Timestamp(milliseconds: .max) > work.now
            }
            for index in 0..<40 {
                let child = try await site.backend.describe(workflowID: "child-\(index)", runNumber: nil)
                #expect(child.state == .terminated)
            }
        }
    }

    @Test func `a claim for thousands of slots takes a bounded number of tasks and comes again`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await open(2000, site, player)
            var count = 100
            while count < 1000 {
                let (work, cost) = try await site.cost { try await player.claim(0, 10_000) }
                #expect(cost < 4000)
                try #require(!work.isEmpty)
                count += work.activityTasks.count
                #expect(count == 1000 || work.nextDue == work.now)
            }
            // Long histories are many entries.
            for index in 0..<20 {
                _ = try await site.backend.start(.sum("long-\(index)"))
                for signal in 0..<200 {
                    let record = SignalRecord(id: "\(signal)", name: "note", payload: [])
                    _ = try await site.backend.signal(record, workflowID: "long-\(index)", runNumber: nil)
                }
            }
            var taken = 0
            while taken < 20 {
                let tasks = try await player.claim(1000, 0).workflowTasks
                #expect(tasks.reduce(0) { $0 + $1.history.count } <= 1280)
                try #require(!tasks.isEmpty)
                taken += tasks.count
            }
        }
    }

    @Test func `what a worker holds is renewed, recovered and given back in bounded parts`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await open(6000, site, player)
            let more = try await player.claimActivities()
            #expect(more.count == 2900)
            let claims = more.map(\.claim)
            let id = player.registration.id
            let before = try await site.calls
            #expect(try await site.backend.renew(worker: id, workflows: [], activities: claims) == [])
            #expect(try await site.calls - before == 6)

            let known = Array(claims.prefix(500).map(\.nonce))
            let (_, cost) = try await site.cost { try await site.backend.recover(worker: id, keeping: known) }
            #expect(cost / 20 < 1200)
            #expect(try await site.redis.send(["HLEN", "{test:0}:held:\(id)"]).asInt == 500)
            #expect(try await site.redis.send(["LLEN", "{test:0}:queue:a:main"]).asInt == 2500)
            #expect(try await player.claimActivities().count == 2500)
            let (_, price) = try await site.cost { try await site.backend.unregister(worker: id) }
            #expect(price / 24 < 1200)
            #expect(try await site.redis.send(["LLEN", "{test:0}:queue:a:main"]).asInt == 3000)
        }
    }

    @Test func `a run whose activities are in many queues, all full of old tasks, ends in bounded steps`() async throws
    {
        try await Site.with(checksInvariants: false) { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("wide"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            var turn = Player.scheduling(task, operations: 0..<100)
            turn.effects = turn.effects.map { effect in
                guard case .scheduleActivity(var activity) = effect else { return effect }
                activity.queue = "queue-\(activity.operation)"
                return .scheduleActivity(activity)
            }
            #expect(try await site.backend.commit(turn, claiming: nil).answer == .committed)
            for number in 0..<100 {
                var push = RedisCommand("LPUSH", "{test:0}:queue:a:queue-\(number)")
                for operation in 0..<600 { push.append("\(operation):1:gone") }
                try await site.redis.send(push)
            }
            let (_, cost) = try await site.cost {
                try await site.backend.terminate(workflowID: "wide", runNumber: task.claim.run.number, reason: "enough")
            }
            #expect(cost < 2 * limit)
        }
    }

    @Test func `a failure after very many attempts is answered at once, and with the delay of the policy`() async throws
    {
        try await Site.with { site in
            let player = try await Player(site.backend)
            let cases: [(RetryPolicy, Int)] = [
                (.fixed(.seconds(60)), 1_000_000_000), (.exponential(maximum: .seconds(777)), 1_000_000_000),
                (.exponential(initial: .seconds(777), multiplier: 1.3, maximum: .seconds(900_000)), 23),
                (.exponential(initial: .zero), 1_000_000_000),
            ]
            for (index, (retry, attempt)) in cases.enumerated() {
                let run = try await site.backend.start(.sum("run-\(index)"))
                let turn = try #require(try await player.claim(1, 0).workflowTasks.first)
                let commit = Player.scheduling(turn, operations: 0..<1, retry: retry)
                let work = try await site.backend.commit(commit, claiming: player.request(0, 1)).work
                let task = try #require(work?.activityTasks.first)
                let key = "{test:0}:ops:\(run)"
                let record = try await site.redis.send(["HGET", key, "0"]).asString
                let late = record.replacing("a l 1 ", with: "a l \(attempt) ")
                #expect(late != record)
                try await site.redis.send(["HSET", key, "0", late])
                let result = ActivityCompletion.Result.failed(
                    FailureRecord(type: "Busy", message: "not yet"), isRetryable: true)
                let completion = ActivityCompletion(claim: task.claim, result: result)
                let before = try await player.claim(0, 0).now
                let answer = try await site.backend.complete(completion, claiming: nil).answer
                let after = try await player.claim(0, 0).now
                guard case .retrying(let due) = answer else {
                    Issue.record("the answer is \(answer)")
                    continue
                }
                let delay = try #require(retry.delay(after: attempt, run: run.number, operation: 0))
                #expect((before.advanced(by: delay)...after.advanced(by: delay)).contains(due))
            }
        }
    }

    @Test func `a worker that holds more than a scan looks at is unregistered`() async throws {
        try await Site.with(checksInvariants: false) { site in
            let player = try await Player(site.backend)
            let key = "{test:0}:held:\(player.registration.id)"
            for start in stride(from: 0, to: 12_000, by: 500) {
                var call = ["HSET", key]
                for index in start..<start + 500 { call += ["nonce-\(index)", "0 w:\(index):gone"] }
                try await site.redis.run(call)
            }
            try await site.backend.unregister(worker: player.registration.id)
            #expect(try await site.redis.send(["EXISTS", key]).asInt == 0)
        }
    }
}

extension Site {
    /// How many scripts were called.
    fileprivate var calls: Int { get async throws { try await commandCounts()["evalsha", default: 0] } }

    /// How many commands a call takes, those inside its scripts included.
    fileprivate func cost<Value>(_ call: () async throws -> Value) async throws -> (Value, Int) {
        let before = try await commandCounts().filter { $0.key != "info" }.values.reduce(0, +)
        let value = try await call()
        let after = try await commandCounts().filter { $0.key != "info" }.values.reduce(0, +)
        return (value, after - before)
    }
}

extension RedisClient {
    fileprivate func run(_ words: [String]) async throws {
        var command = RedisCommand(words[0])
        for word in words.dropFirst() { command.append(word) }
        _ = try await send(command)
    }
}

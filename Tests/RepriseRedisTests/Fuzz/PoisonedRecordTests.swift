import Foundation
import FuzzSupport
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

/// Records that somebody or something broke: what belongs to them is refused, blocked or put aside, and all others go on.
@Suite struct PoisonedRecordTests {
    @Test func `A broken record keeps no other run from its end, and every call about it returns`() async throws {
        let server = try await RedisTestServer.start()
        let redis = RedisClient(configuration: try RedisConfiguration(url: server.url))
        let backend = try RedisBackend(url: server.url, namespace: "f")
        let failures = await Fuzz.run("broken records", for: .seconds(5)) { fuzz in
            _ = try await redis.send(["FLUSHALL"])
            try await Victims.put(into: backend)
            var broken: [String] = []
            for _ in 0...fuzz.below(4) { try await broken.append(Breaker(redis: redis).breakSomething(&fuzz)) }
            do {
                try await work(on: backend)
                try await askAboutVictims(backend)
            } catch {
                throw Broken(records: broken, error: error)
            }
        }
        #expect(failures == [])
        await backend.shutdown()
        await redis.shutdown()
        await server.stop()
    }

    private struct Broken: Error, CustomStringConvertible {
        var records: [String]
        var error: any Error
        var description: String { "\(records): \(error)" }
    }

    private struct TooSlow: Error {}

    /// Starts good runs beside the victims, and brings them to their ends.
    private func work(on backend: RedisBackend) async throws {
        let player = try await Player(backend, id: "good", types: ["Sum", "Big"], lease: .seconds(60))
        var open = Set<String>()
        for index in 0..<3 { open.insert(try await backend.start(.sum("good\(index)")).workflowID) }
        // For what hangs, not for a slow machine.
        let end = ContinuousClock.now + .seconds(60)
        while !open.isEmpty {
            guard .now < end else { throw TooSlow() }
            let work = try await player.claim(8, 200)
            for task in work.workflowTasks {
                let id = task.claim.run.workflowID
                guard id.hasPrefix("good") else {
                    try await typed {
                        try await backend.release(WorkflowRelease(claim: task.claim, disposition: .block(reason: "")))
                    }
                    continue
                }
                if task.history.contains(where: { $0.kind == .activityCompleted }) {
                    _ = try await backend.commit(Player.completing(task), claiming: nil)
                    open.remove(id)
                } else {
                    _ = try await backend.commit(Player.scheduling(task, operations: 0..<1), claiming: nil)
                }
            }
            for task in work.activityTasks {
                let completion = ActivityCompletion(claim: task.claim, result: .completed([1]))
                if task.claim.run.workflowID.hasPrefix("good") {
                    _ = try await backend.complete(completion, claiming: nil)
                } else {
                    try await typed { try await backend.complete(completion, claiming: nil) }
                }
            }
        }
        try await backend.unregister(worker: player.registration.id)
    }

    private func askAboutVictims(_ backend: RedisBackend) async throws {
        for id in Victims.ids {
            try await typed { try await backend.describe(workflowID: id, runNumber: nil) }
            try await typed {
                try await backend.signal(.init(id: "s", name: "n", payload: []), workflowID: id, runNumber: nil)
            }
            try await typed { try await backend.requestCancel(workflowID: id, runNumber: nil, reason: "r") }
            if let run = try? await backend.describe(workflowID: id, runNumber: nil).run {
                try await typed { try await backend.history(of: run, after: 0, limit: 100) }
                try await typed { try await backend.pause(run) }
                try await typed { try await backend.resume(run) }
                try await typed { try await backend.unblock(run) }
            }
            try await typed { try await backend.terminate(workflowID: id, runNumber: nil, reason: "r") }
            try await typed { try await backend.start(.sum(id)) }
        }
        try await typed { try await backend.checkInvariants() }
    }

    /// What may be refused, if the error says what it is.
    private func typed<Answer>(_ call: () async throws -> Answer) async throws {
        do { _ = try await call() } catch let error as BackendError {
            try #require(error.code != .unavailable && error.code != .misconfigured)
        }
    }
}

/// Runs in all states, with everything that can wait for something; most of it is due at once.
private enum Victims {
    static let ids = [
        "queued", "timer", "activity", "held", "retrying", "later", "start", "turn", "parent", "stuck", "closed",
        "large",
        "leased",
    ]

    static func put(into backend: RedisBackend) async throws {
        // It dies with all it holds, and leaves a lease that ends soon.
        let player = try await Player(backend, id: "dead", types: ["Sum", "Big"], lease: .milliseconds(20))
        for id in ids where id != "start" { _ = try await backend.start(.sum(id, type: id == "large" ? "Big" : "Sum")) }
        _ = try await backend.start(.sum("start", startAt: Timestamp(Date())))
        let tasks = try await player.claim(20, 0).workflowTasks
        for task in tasks { try await advance(task, backend) }
        let activities = try await player.claim(0, 4).activityTasks
        for (index, task) in activities.enumerated() {
            let result: ActivityCompletion.Result? =
                switch index {
                case 0: .failed(FailureRecord(type: "E", message: ""), isRetryable: true)
                case 1: .later
                case 2: .retry(after: .milliseconds(1), reason: "")
                default: nil
                }
            guard let result else { continue }
            _ = try await backend.complete(ActivityCompletion(claim: task.claim, result: result), claiming: nil)
        }
    }

    private static func advance(_ task: WorkflowTask, _ backend: RedisBackend) async throws {
        let retry = RetryPolicy.fixed(.milliseconds(1), attempts: 3, nonRetryable: ["X"])
        switch task.claim.run.workflowID {
        case "timer":
            _ = try await backend.commit(Player.sleeping(task, operation: 0, until: Timestamp(Date())), claiming: nil)
        case "activity", "held", "retrying", "later":
            _ = try await backend.commit(
                Player.scheduling(task, operations: 0..<2, timeout: .milliseconds(20), retry: retry), claiming: nil)
        case "turn":
            _ = try await backend.release(
                WorkflowRelease(claim: task.claim, disposition: .retry(after: .milliseconds(1), reason: "r")))
        case "stuck":
            _ = try await backend.release(WorkflowRelease(claim: task.claim, disposition: .block(reason: "r")))
        case "closed":
            _ = try await backend.commit(Player.completing(task, position: 0), claiming: nil)
        case "parent":
            _ = try await backend.commit(starting(task), claiming: nil)
        case "large":
            // More than a script applies: a part stays staged if the worker dies in between.
            let commit = Player.scheduling(task, operations: 0..<520)
            _ = try await backend.commit(commit, claiming: nil)
        default:
            return
        }
    }

    private static func starting(_ task: WorkflowTask) -> Commit {
        let record = StartRecord(type: "Sum", version: "", input: []).encoded()
        let turn = Turn(firstCommand: 0, commands: [Command(kind: .startChild, name: "Sum", payload: record)]).encoded()
        return Commit(
            claim: task.claim, through: task.lastArrival, turn: turn.bytes,
            effects: [
                .startChild(
                    ScheduledChild(
                        operation: 0, workflowID: "child", type: "Sum", version: "", queue: "main",
                        record: turn.payloads[0],
                        parentClosePolicy: .terminate))
            ])
    }
}

/// Changes records that belong to no good run.
private struct Breaker {
    let redis: RedisClient

    func breakSomething(_ fuzz: inout Mutator) async throws -> String {
        let keys = try await redis.send(["KEYS", "*"]).asArray.map { try $0.asString }.sorted()
        let key = fuzz.pick(keys)
        let owner = key.split(separator: ":", maxSplits: 2).last.map(String.init) ?? ""
        let belongsToOne = ["run:", "ops:", "history:", "staged:", "held:", "worker:", "inbox:"].contains {
            owner.hasPrefix($0)
        }
        if belongsToOne, fuzz.chance(8) {
            _ = try await redis.send(["SET", key, fuzz.garbage()])
            return "\(key) is a string"
        }
        if belongsToOne, fuzz.chance(12) {
            _ = try await redis.send(["DEL", key])
            return "\(key) is gone"
        }
        switch try await redis.send(["TYPE", key]).asString {
        case "hash": return try await breakHash(key, &fuzz)
        case "zset": return try await breakSortedSet(key, &fuzz)
        case "list": return try await breakList(key, &fuzz)
        case "stream": return try await breakStream(key, &fuzz)
        case "string":
            // It was broken just before.
            _ = try await redis.send(["SET", key, fuzz.garbage()])
            return "\(key) is another string"
        default:
            let member = fuzz.garbage()
            _ = try await redis.send(["SADD", key, member])
            return "\(key) + \(RedisReply.bytes(member))"
        }
    }

    private func breakHash(_ key: String, _ fuzz: inout Mutator) async throws -> String {
        let fields = try await redis.send(["HKEYS", key]).asArray.map { try $0.asBytes }
            .filter { $0 != Array("runs".utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        guard !fields.isEmpty else { return "" }
        let field = fuzz.pick(fields)
        let old = try await redis.send(["HGET", key, field]).asBytes
        let new = fuzz.input(from: [old])
        if fuzz.chance(6) {
            _ = try await redis.send(["HDEL", key, field])
            return "\(key) \(RedisReply.bytes(field)) is gone"
        }
        _ = try await redis.send(["HSET", key, field, new])
        return "\(key) \(RedisReply.bytes(field)): \(RedisReply.bytes(old)) -> \(RedisReply.bytes(new))"
    }

    private func breakSortedSet(_ key: String, _ fuzz: inout Mutator) async throws -> String {
        let members = try await redis.send(["ZRANGE", key, 0, -1]).asArray.map { try $0.asBytes }
        guard !members.isEmpty else { return "" }
        let member = fuzz.pick(members)
        let score = fuzz.pick(["0", "-inf", "inf", "1e300", "1700000000000"])
        let new = fuzz.chance(4) ? member : fuzz.input(from: [member])
        if fuzz.chance(2) { _ = try await redis.send(["ZREM", key, member]) }
        _ = try await redis.send(["ZADD", key, score, new])
        return "\(key) \(RedisReply.bytes(member)) -> \(score) \(RedisReply.bytes(new))"
    }

    private func breakList(_ key: String, _ fuzz: inout Mutator) async throws -> String {
        let count = try await redis.send(["LLEN", key]).asInt
        let index = fuzz.below(count)
        let old = try await redis.send(["LINDEX", key, index]).asBytes
        let new = fuzz.input(from: [old])
        _ = try await redis.send(fuzz.chance(2) ? ["LSET", key, index, new] : ["LPUSH", key, new])
        return "\(key) \(index): \(RedisReply.bytes(old)) -> \(RedisReply.bytes(new))"
    }

    private func breakStream(_ key: String, _ fuzz: inout Mutator) async throws -> String {
        switch fuzz.below(3) {
        case 0:
            _ = try? await redis.send(["XADD", key, "\(2 + fuzz.below(50))-7", fuzz.garbage(), fuzz.garbage()])
            return "\(key) has garbage"
        case 1:
            _ = try await redis.send(["XDEL", key, "1-0"])
            return "\(key) has no first entry"
        default:
            _ = try await redis.send(["XTRIM", key, "MAXLEN", 0])
            return "\(key) is empty"
        }
    }
}

import Foundation
import Logging
import RedisClient
import RedisTestServer
import Reprise
import Testing

@testable import RepriseRedis

private struct Busy: Error {}

private final class Invoice: Workflow {
    enum Input: Codable, Sendable { case whole, waiting, part }
    static let charge = Activity<Int, Int>("charge", retry: .fixed(.milliseconds(1), attempts: 3))
    static let approve = Activity<Int, Int>("approve")
    static let paid = Signal<Invoice, Int>("paid")
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        switch input {
        case .part:
            return try await context.execute(Self.charge, 1)
        case .waiting:
            return try await context.receive(Self.paid)
        case .whole:
            let charged = try await context.map([1, 2]) { try await context.execute(Self.charge, $0) }
            try await context.sleep(for: .milliseconds(1))
            let part = try await context.executeChild(Invoice.self, id: "part", .part)
            let paid = try await context.receive(Self.paid)
            let approved = try await context.execute(Self.approve, 1)
            return charged.reduce(0, +) + part + paid + approved
        }
    }
}

/// What the Redis users of docs/security.md can do, and what they can't.
@Suite struct AccessTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a worker as the worker's user beside the body.
    private func withWorker(
        _ roles: Roles, tokens: AsyncStream<ActivityToken>.Continuation? = nil, _ body: () async throws -> Void
    ) async throws {
        let worker = try Worker(backend: roles.worker, logger: Self.quiet) {
            Invoice.self
            Invoice.charge.implement { input, context in
                if context.attempt == 1 { throw Busy() }
                try context.heartbeat(input)
                return input
            }
            Invoice.approve.implement { _, context in
                tokens?.yield(context.completionToken)
                try context.completeLater()
            }
        }
        let working = Task { try await worker.run() }
        do { try await body() } catch {
            working.cancel()
            _ = try? await working.value
            throw error
        }
        working.cancel()
        try await working.value
    }

    /// Runs a call that Redis must refuse.
    private func refused(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ call: () async throws -> Void
    ) async {
        do {
            try await call()
            Issue.record("\(what) was allowed", sourceLocation: sourceLocation)
        } catch let error as BackendError {
            #expect(error.code == .misconfigured, "\(what): \(error)", sourceLocation: sourceLocation)
            #expect(error.message.contains("docs/security.md"), "\(what): \(error)", sourceLocation: sourceLocation)
        } catch {
            Issue.record("\(what) threw \(error)", sourceLocation: sourceLocation)
        }
    }

    @Test func `The rules allow each command that a role's scripts call, and no other`() throws {
        let scripts = Scripts.shared
        func commands(of source: String) -> [String] {
            source.matches(of: /(?:call|chunked)\('([A-Z]+)'/).map { String($0.1) }
        }
        func commands(_ scripts: [RedisScript]) -> Set<String> { Set(scripts.flatMap { commands(of: $0.source) }) }
        // A client completes activities by their tokens, and takes no work.
        let completing = [
            PackageResources.work_lua, PackageResources.queues_lua, PackageResources.runs_lua,
            PackageResources.operations_lua, PackageResources.timing_lua, PackageResources.retrying_lua,
            PackageResources.together_lua, PackageResources.completing_lua,
        ].flatMap { commands(of: String(decoding: $0, as: UTF8.self)) }
        let client = commands([
            scripts.start, scripts.signal, scripts.describe, scripts.blocked, scripts.history, scripts.wait,
            scripts.unwait, scripts.cancel, scripts.terminate, scripts.pause, scripts.resume, scripts.unblock,
            scripts.heartbeat,
        ]).union(completing)
        // Beside what the preflight tries: what connections send, and PUBSUB, which is allowed for one subcommand.
        let connection: Set = [
            "PING", "SELECT", "CLIENT|SETNAME", "EVALSHA", "SCRIPT|LOAD", "SUBSCRIBE", "UNSUBSCRIBE", "PUBSUB|NUMSUB",
        ]
        #expect(
            try Roles.commands(of: "worker").symmetricDifference(connection.union(["INFO", "BLPOP"]))
                == commands(scripts.all.filter { $0.sha1 != scripts.rights.sha1 }).subtracting(["PUBSUB"]))
        #expect(try Roles.commands(of: "client").symmetricDifference(connection) == client.subtracting(["PUBSUB"]))
    }

    @Test func `A worker's and a client's user have all that they need`() async throws {
        try await Roles.with { roles in
            let client = WorkflowClient(backend: roles.client)
            let (tokens, continuation) = AsyncStream.makeStream(of: ActivityToken.self)
            try await withWorker(roles, tokens: continuation) {
                let whole = try await client.start(Invoice.self, id: "whole", .whole)
                try await whole.signal(Invoice.paid, 10)
                let token = try #require(await tokens.first { _ in true })
                try await client.heartbeat(token)
                try await client.complete(Invoice.approve, token, with: 100)
                #expect(try await whole.result(timeout: .seconds(20)) == 114)

                let waiting = try await client.start(Invoice.self, id: "waiting", .waiting)
                try await waiting.pause()
                try await waiting.resume()
                _ = try await waiting.wait(until: { $0.state == .idle }, timeout: .seconds(20))
                try await waiting.cancel(reason: "changed my mind")
                await #expect(throws: WorkflowFailure.self) { try await waiting.result(timeout: .seconds(20)) }
                let other = try await client.start(Invoice.self, id: "other", .waiting)
                try await other.terminate(reason: "closing time")
                await #expect(throws: WorkflowFailure.self) { try await other.result(timeout: .seconds(20)) }
            }
            let player = try await Player(roles.worker)
            let run = try await roles.client.start(.sum("stuck"))
            let task = try #require(try await player.claim().workflowTasks.first)
            _ = try await roles.worker.release(WorkflowRelease(claim: task.claim, disposition: .block(reason: "odd")))
            var blocked: [RunID] = []
            for try await run in client.blockedRuns() { blocked.append(run.run) }
            #expect(blocked == [run])
            try await roles.client.unblock(run)
            #expect(try await roles.client.describe(workflowID: "stuck", runNumber: nil).state == .queued)
            #expect(try await roles.client.history(of: run, after: 0, limit: 10).count == 1)
            _ = try await roles.worker.sweep()
            #expect(try await roles.worker.preflight().filter { $0.severity == .unsafe } == [])
            try await roles.site.redis.send(["ACL", "SETUSER", "billing-worker", "+scan", "+sscan", "+zscan"])
            #expect(try await roles.worker.examine(repairing: true).isClean)
            // Beside what the preflight asks and can do without.
            let refusals = try await roles.refusals().filter {
                !$0.contains("config|get") && !$0.contains("acl|whoami")
            }
            #expect(refusals == [])
        }
    }

    @Test(arguments: [RedisRole.worker, .client, .observer])
    func `The preflight for a role tries each command and channel that the role needs, and no other`(
        _ role: RedisRole
    ) async throws {
        try await Roles.with { roles in
            let backend = roles.backend(role)
            #expect(try await backend.preflight(for: [role]).filter { $0.severity == .unsafe } == [])
            let refusals = try await roles.refusals().filter {
                !$0.contains("config|get") && !$0.contains("acl|whoami") && !$0.contains("object info")
            }
            #expect(refusals == [])
            #expect(try await roles.contents() == [:])

            let user = "billing-\(role)"
            // Without these there is no connection, or no answer.
            let others: Set = [
                "PING", "SELECT", "CLIENT|SETNAME", "EVALSHA", "SCRIPT|LOAD", "UNSUBSCRIBE", "INFO", "UNLINK",
            ]
            for command in try Roles.commands(of: "\(role)").subtracting(others).map({ $0.lowercased() }) {
                try await roles.site.redis.send(["ACL", "SETUSER", user, "-\(command)"])
                let finding = try await backend.preflight(for: [role]).first { $0.severity == .unsafe }
                let word = command.split(separator: "|")[0]
                #expect(finding?.found == "+\(word) missing", "without \(command)")
                try await roles.site.redis.send(["ACL", "SETUSER", user, "+\(command)"])
            }
            #expect(try await roles.contents() == [:])
        }
    }

    @Test func `Channels are tried that a worker and a client listen to`() async throws {
        try await Roles.with { roles in
            for role in [RedisRole.worker, .client] {
                let channels = ["&{billing:0}:replies:*", "&{billing:0}:cancels:*"]
                let none = try await lacking(role, channels: channels, roles)
                #expect(none == [])
                for channel in channels {
                    let lacking = try await lacking(role, channels: [channel], roles)
                    #expect(lacking == ["&{billing:0}:* missing"])
                }
            }
        }
    }

    /// What the preflight says a role's user lacks that has only these channels.
    private func lacking(_ role: RedisRole, channels: [String], _ roles: Roles) async throws -> [String] {
        let rule = ["ACL", "SETUSER", "billing-\(role)", "resetchannels"] + channels
        try await roles.site.redis.send(RedisCommand(arguments: rule))
        return try await roles.backend(role).preflight(for: [role]).filter { $0.severity == .unsafe }.map(\.found)
    }

    @Test func `A client's user can't register or claim`() async throws {
        try await Roles.with { roles in
            _ = try await roles.client.start(.sum("a"))
            let before = try await roles.contents()
            await refused("register") { _ = try await Player(roles.client) }
            #expect(try await roles.contents() == before)
            let player = try await Player(roles.worker)
            await refused("claim") { _ = try await roles.client.claim(player.request()) }
            #expect(try await player.claim().workflowTasks.count == 1)
        }
    }

    @Test func `Keys and channels that a script is refused are a missing permission, too`() async throws {
        try await Roles.with { roles in
            _ = try await roles.client.start(.sum("a"))
            _ = try await roles.client.describe(workflowID: "a", runNumber: nil)
            try await roles.site.redis.send(["ACL", "SETUSER", "billing-client", "resetkeys", "~{billing:0}:meta"])
            await refused("describe") { _ = try await roles.client.describe(workflowID: "a", runNumber: nil) }
            await refused("start") { _ = try await roles.client.start(.sum("b")) }
        }
    }

    @Test func `A worker that lacks a right for a while loses no message, and blocks no run`() async throws {
        try await Roles.with { roles in
            let backend = roles.worker
            let player = try await Player(backend)
            let parent = try await backend.start(.sum("parent"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            let record = StartRecord(type: "Sum", version: "", input: []).encoded()
            let turn = Turn(
                firstCommand: 0, commands: [0, 1].map { _ in Command(kind: .startChild, name: "Sum", payload: record) }
            ).encoded()
            let commit = Commit(
                claim: task.claim, through: task.lastArrival, turn: turn.bytes,
                effects: turn.payloads.enumerated().map { index, range in
                    .startChild(
                        ScheduledChild(
                            operation: index, workflowID: "child-\(index)", type: "Sum", version: "", queue: "main",
                            record: range, parentClosePolicy: .abandon))
                })
            #expect(try await backend.commit(commit, claiming: nil).answer == .committed)
            func without(_ right: String, _ call: () async throws -> Void) async throws {
                try await roles.site.redis.send(["ACL", "SETUSER", "billing-worker", "-\(right)"])
                for _ in 0..<3 { await refused("claim", call) }
                try await roles.site.redis.send(["ACL", "SETUSER", "billing-worker", "+\(right)"])
            }
            try await without("xadd") { _ = try await player.claim(0, 0) }
            let children = try await player.claim(2, 0).workflowTasks
            #expect(children.count == 2)
            for child in children {
                #expect(try await backend.commit(Player.completing(child), claiming: nil).answer == .committed)
            }
            try await without("xadd") { _ = try await player.claim(0, 0) }
            let ended = try #require(try await player.claim(1, 0).workflowTasks.first)
            #expect(ended.claim.run == parent)
            #expect(ended.history.filter { $0.kind == .childCompleted }.count == 2)
        }
    }

    @Test func `A worker that lacks a right for a while loses no timer and no timeout`() async throws {
        try await Roles.with { roles in
            let backend = roles.worker
            let player = try await Player(backend)
            for id in ["sleeping", "waiting"] { _ = try await backend.start(.sum(id)) }
            let tasks = try await player.claim(2, 0).workflowTasks
            #expect(tasks.count == 2)
            var turns = [
                Player.sleeping(tasks[0], operation: 0, until: Timestamp(milliseconds: 1)),
                Player.scheduling(tasks[1], operations: 0..<1),
            ]
            guard case .scheduleActivity(var activity)? = turns[1].effects.first else { return }
            activity.timeouts.scheduleToStart = .milliseconds(1)
            turns[1].effects = [.scheduleActivity(activity)]
            for turn in turns { #expect(try await backend.commit(turn, claiming: nil).answer == .committed) }
            try await roles.site.until("the timeout is due") {
                let time = try await roles.site.redis.send(["TIME"]).asArray
                let due = try await roles.site.redis.send(["ZRANGE", "{billing:0}:timers", -1, -1, "WITHSCORES"])
                return try Int(time[0].asString)! * 1000 > Int(due.asArray[1].asString)! + 1000
            }
            try await roles.site.redis.send(["ACL", "SETUSER", "billing-worker", "-xadd"])
            for _ in 0..<3 { await refused("claim") { _ = try await player.claim(0, 0) } }
            try await roles.site.redis.send(["ACL", "SETUSER", "billing-worker", "+xadd"])
            let ready = try await player.claim(2, 0).workflowTasks
            #expect(Set(ready.compactMap { $0.history.last?.kind }) == [.timerFired, .activityFailed])
        }
    }

    @Test func `An observer's user reads, and changes nothing`() async throws {
        try await Roles.with { roles in
            let observer = roles.observer
            let player = try await Player(roles.worker)
            let run = try await roles.client.start(.sum("a"))
            let task = try #require(try await player.claim().workflowTasks.first)
            _ = try await roles.worker.release(WorkflowRelease(claim: task.claim, disposition: .block(reason: "odd")))
            let queued = try await roles.client.start(.sum("b"))

            let before = try await roles.contents()
            let blocked = try await observer.describe(workflowID: "a", runNumber: nil)
            #expect(blocked.state == .blocked && blocked.reason == "odd")
            #expect(try await observer.history(of: run, after: 0, limit: 10).count == 1)
            #expect(try await observer.blockedRuns(after: nil, limit: 10).map(\.run) == [run])
            #expect(try await observer.checkInvariants() == [])

            await refused("start") { _ = try await observer.start(.sum("c")) }
            await refused("signal") {
                _ = try await observer.signal(
                    SignalRecord(id: "s", name: "n", payload: []), workflowID: "b", runNumber: nil)
            }
            for id in ["a", "b"] {
                await refused("cancel") {
                    _ = try await observer.requestCancel(workflowID: id, runNumber: nil, reason: "")
                }
                await refused("terminate") {
                    _ = try await observer.terminate(workflowID: id, runNumber: nil, reason: "")
                }
            }
            await refused("pause") { try await observer.pause(queued) }
            await refused("unblock") { try await observer.unblock(run) }
            await refused("wait") { _ = try await observer.wait(for: queued, until: .closed) }
            await refused("register") { _ = try await Player(observer, id: "other") }
            await refused("claim") { _ = try await observer.claim(player.request()) }
            await refused("sweep") { _ = try await observer.sweep() }
            #expect(try await roles.contents() == before)
        }
    }

    @Test(arguments: ["worker", "client", "observer"])
    func `No user reaches keys and channels of others, or the server`(role: String) async throws {
        try await Roles.with { roles in
            for key in ["{other:0}:meta", "{billing:01}:meta", "{billing:1}:meta", "session"] {
                try await roles.site.redis.send(["HSET", key, "field", "secret"])
            }
            let before = try await roles.contents()
            let user = RedisClient(configuration: try RedisConfiguration(url: Roles.url(role, roles.site)))
            let script = "return redis.call('HGET', ARGV[1], 'field')"
            let digest = try await user.send(["SCRIPT", "LOAD", script]).asString
            let publish = try await user.send(["SCRIPT", "LOAD", "return redis.call('PUBLISH', ARGV[1], '')"]).asString
            var commands: [RedisCommand] = [
                ["KEYS", "*"], ["FLUSHALL"], ["FLUSHDB"], ["CONFIG", "GET", "*"], ["CONFIG", "SET", "maxmemory", "1"],
                ["CLIENT", "LIST"], ["CLIENT", "KILL", "TYPE", "normal"], ["ACL", "LIST"], ["SCRIPT", "FLUSH"],
                ["SHUTDOWN"], ["EVALSHA", publish, "0", "{other:0}:replies:x"],
            ]
            for key in ["{other:0}:meta", "{billing:01}:meta", "{billing:1}:meta", "session"] {
                commands.append(["HGET", key, "field"])
                commands.append(["HSET", key, "field", "x"])
                commands.append(["EVALSHA", digest, "0", key])
                commands.append(["EVALSHA", digest, "1", key, "{billing:0}:meta"])
            }
            for command in commands {
                do {
                    let reply = try await user.send(command)
                    Issue.record("\(command) was answered: \(reply)")
                } catch {
                    let isRefusal = "\(error)".contains(/NOPERM|ermission|The user executing the script can't/)
                    #expect(isRefusal, "\(command): \(error)")
                }
            }
            await #expect(throws: RedisError.self) {
                for try await _ in user.subscribe(to: "{other:0}:replies:x") { break }
            }
            _ = try await user.send(["EVALSHA", digest, "0", "{billing:0}:meta"])
            #expect(try await roles.contents() == before)
            await user.shutdown()
        }
    }
}

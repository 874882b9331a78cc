import Foundation
import RedisClient
import RedisTestServer
import Reprise
import Testing

@testable import RepriseRedis

/// What happens when Redis refuses, forgets or goes away.
struct FailureTests {
    /// Runs a call that must throw an error of this code, and returns its message.
    @discardableResult
    private func expect(
        _ code: BackendError.Code, sourceLocation: SourceLocation = #_sourceLocation,
        _ call: () async throws -> Void
    ) async -> String {
        do {
            try await call()
            Issue.record("it did not throw", sourceLocation: sourceLocation)
            return ""
        } catch let error as BackendError {
            #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
            return error.message
        } catch {
            Issue.record("it threw \(error)", sourceLocation: sourceLocation)
            return ""
        }
    }

    @Test func `a namespace that can't be used is refused with a message`() async throws {
        for namespace in ["", "a b", "{a", "a}", "line\nbreak", "tab\t"] {
            let message = await expect(.misconfigured) {
                _ = try RedisBackend(url: "redis://localhost", namespace: namespace)
            }
            #expect(message.contains("namespace"))
        }
        await expect(.misconfigured) { _ = try RedisBackend(url: "http://localhost") }
    }

    @Test func `a wrong password is named as such`() async throws {
        let server = try await RedisTestServer.start(["--requirepass", "secret"])
        let wrong = try RedisBackend(url: "redis://:guess@127.0.0.1:\(server.port)")
        let message = await expect(.misconfigured) { _ = try await wrong.start(.sum("a")) }
        #expect(message.contains("password"))
        let none = try RedisBackend(url: server.url)
        await expect(.misconfigured) { _ = try await none.start(.sum("a")) }
        await expect(.misconfigured) { _ = try await none.wait(for: RunID(workflowID: "a", number: 1), until: .closed) }
        let right = try RedisBackend(url: "redis://:secret@127.0.0.1:\(server.port)")
        _ = try await right.start(.sum("a"))
        #expect(try await right.checkInvariants() == [])
        for backend in [wrong, none, right] { await backend.shutdown() }
        await server.stop()
    }

    @Test func `a read-only replica is named as such, and can be read`() async throws {
        try await Site.with { site in
            let run = try await site.backend.start(.sum("a"))
            let server = try await RedisTestServer.start(["--replicaof", "127.0.0.1", "\(site.server.port)"])
            let replica = try RedisBackend(url: server.url, namespace: site.backend.namespace)
            try await site.until("the replica has the run") {
                (try? await replica.describe(workflowID: "a", runNumber: nil))?.run == run
            }
            let message = await expect(.misconfigured) { _ = try await replica.start(.sum("b")) }
            #expect(message.contains("replica"))
            #expect(try await replica.history(of: run, after: 0, limit: 10).count == 1)
            await replica.shutdown()
            await server.stop()
        }
    }

    @Test func `scripts that Redis forgot are brought again, in order`() async throws {
        try await Site.with { site in
            let backend = site.backend
            let player = try await Player(backend)
            let run = try await backend.start(.sum("a"))
            let task = try #require(try await player.claim().workflowTasks.first)
            try await site.redis.send(["SCRIPT", "FLUSH"])
            let (_, work) = try await backend.commit(
                Player.scheduling(task, operations: 0..<1), claiming: player.request())
            let activity = try #require(work?.activityTasks.first)
            try await site.redis.send(["SCRIPT", "FLUSH"])
            let (_, next) = try await backend.complete(
                ActivityCompletion(claim: activity.claim, result: .completed([1])), claiming: player.request())
            let last = try #require(next?.workflowTasks.first)
            try await site.redis.send(["SCRIPT", "FLUSH"])
            #expect(try await backend.commit(Player.completing(last), claiming: nil).answer == .committed)
            #expect(try await backend.describe(workflowID: "a", runNumber: run.number).state == .completed)
        }
    }

    @Test func `a Redis that forgets scripts as soon as they are brought can't serve; nothing is damaged`() async throws
    {
        try await Site.with { site in
            let errors = ErrorMapping(keys: site.backend.keys)
            let error = RedisServerError(message: "NOSCRIPT No matching script. Please use EVAL.")
            #expect(errors.mapped(RedisError(server: error)).code == .unavailable)
        }
    }

    @Test func `without memory existing work finishes and new work is refused whole`() async throws {
        try await Site.with(["--maxmemory-policy", "noeviction"]) { site in
            let backend = site.backend
            let player = try await Player(backend)
            let run = try await backend.start(.sum("a"))
            let other = try await backend.start(.sum("b"))
            let task = try #require(try await player.claim(1, 0).workflowTasks.first)
            // Every connection and script is there.
            _ = try await backend.describe(workflowID: "a", runNumber: nil)
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "1"])
            let keys = try await site.allKeys()
            let before = try await backend.describe(workflowID: "b", runNumber: nil)
            let message = await expect(.outOfMemory) { _ = try await backend.start(.sum("c")) }
            #expect(message.contains("maxmemory"))
            await expect(.outOfMemory) {
                _ = try await backend.signal(
                    SignalRecord(id: "s", name: "n", payload: []), workflowID: "b", runNumber: nil)
            }
            #expect(try await site.allKeys() == keys)
            #expect(try await backend.describe(workflowID: "b", runNumber: nil) == before)

            let (_, work) = try await backend.commit(
                Player.scheduling(task, operations: 0..<1), claiming: player.request(0, 1))
            let activity = try #require(work?.activityTasks.first)
            #expect(
                try await backend.renew(worker: player.registration.id, workflows: [], activities: [activity.claim])
                    == [])
            let (_, next) = try await backend.complete(
                ActivityCompletion(claim: activity.claim, result: .completed([1])), claiming: player.request(2, 0))
            let tasks = try #require(next?.workflowTasks)
            #expect(tasks.map(\.claim.run) == [other, run])
            for task in tasks {
                let commit = Player.completing(task, position: task.claim.run == run ? 1 : 0)
                #expect(try await backend.commit(commit, claiming: nil).answer == .committed)
            }
            try await backend.register(player.registration)
            #expect(try await player.claim().isEmpty)
            #expect(try await backend.wait(for: run, until: .closed).state == .completed)
            try await backend.unregister(worker: player.registration.id)
            try await site.redis.send(["CONFIG", "SET", "maxmemory", "0"])
            _ = try await backend.start(.sum("c"))
        }
    }

    @Test func `a wait outlives a restart of the server`() async throws {
        try await Site.with(["--appendonly", "yes", "--appendfsync", "always"]) { site in
            let backend = site.backend
            let player = try await Player(backend, lease: .seconds(60))
            let run = try await backend.start(.sum("a"))
            let client = try site.anotherBackend()
            async let result = client.wait(for: run, until: .closed)
            try await site.waiters(of: run)
            let task = try #require(try await player.claim().workflowTasks.first)
            try await site.server.restart()
            #expect(try await backend.commit(Player.completing(task, position: 0), claiming: nil).answer == .committed)
            #expect(try await result.state == .completed)
            await client.shutdown()
        }
    }

    @Test func `a wait is cancelled, and forgotten by the run`() async throws {
        try await Site.with { site in
            let run = try await site.backend.start(.sum("a"))
            let wait = Task { try await site.backend.wait(for: run, until: .closed) }
            try await site.waiters(of: run)
            wait.cancel()
            await expect(.cancelled) { _ = try await wait.value }
            try await site.until("the run forgets the waiter") {
                try await site.redis.send(["HEXISTS", "{test:0}:run:\(run)", "waiters"]).asInt == 0
            }
            let worker = try await Player(site.backend)
            _ = try await worker.claim(0, 1)
            let idle = Task { try await site.backend.waitForWork(worker: worker.registration.id, until: nil) }
            try await site.until("the worker waits") {
                try await site.redis.send(["INFO", "clients"]).asString.contains("blocked_clients:1")
            }
            idle.cancel()
            await expect(.cancelled) { try await idle.value }
        }
    }

    @Test func `a wait for work that has long been quiet ends with its connection, and the next one has another`()
        async throws
    {
        try await Site.with { site in
            let (backend, worker) = (site.backend, try await Player(site.backend))
            let id = worker.registration.id
            func blocked() async throws -> String? {
                let clients = try await site.redis.send(["CLIENT", "LIST"]).asString.split(separator: "\n")
                let client = clients.first { $0.contains("cmd=blpop") && $0.contains("flags=b") }
                return client?.split(separator: " ")[0].split(separator: "=").last.map(String.init)
            }
            _ = try await worker.claim()
            // It ends by itself; its BLPOP goes on.
            try await backend.waitForWork(worker: id, until: nil)
            _ = try await worker.claim()
            let wait = Task { try await backend.waitForWork(worker: id, until: nil) }
            try await site.redis.send(["CLIENT", "KILL", "ID", #require(blocked())])
            try await wait.value
            _ = try await worker.claim()
            let next = Task { try await backend.waitForWork(worker: id, until: nil) }
            try await site.until("the worker waits") { try await blocked() != nil }
            _ = try await backend.start(.sum("a"))
            // It would block for longer than this waits.
            try await site.until("it is woken") { try await blocked() == nil }
            try await next.value
            #expect(try await worker.claim().workflowTasks.count == 1)
        }
    }

    @Test func `a commit that can't be meant leaves no record of a worker that isn't registered`() async throws {
        try await Site.with { site in
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("order"))
            let task = try #require(try await player.claim().workflowTasks.first)
            var commit = Player.completing(task, position: 0)
            commit.through = 7
            let request = ClaimRequest(id: "gone-1", worker: "gone", workflowSlots: 1, activitySlots: 1)
            let error = await #expect(throws: BackendError.self) {
                try await site.backend.commit(commit, claiming: request)
            }
            #expect(error?.code == .invalidRequest)
            #expect(try await site.redis.send(["EXISTS", "{test:0}:worker:gone"]).asInt == 0)
        }
    }

    @Test func `a delayed run whose history refuses a timer is blocked, and not delayed any more`() async throws {
        try await Site.with(checksInvariants: false) { site in
            let player = try await Player(site.backend)
            let run = try await site.backend.start(.sum("order"))
            let now = try await player.claim(0, 0).now
            let task = try #require(try await player.claim().workflowTasks.first)
            let due = now.advanced(by: .seconds(3600))
            _ = try await site.backend.commit(Player.sleeping(task, operation: 0, until: due), claiming: nil)
            _ = try await site.backend.signal(
                SignalRecord(id: "1", name: "note", payload: []), workflowID: "order", runNumber: nil)
            let next = try #require(try await player.claim().workflowTasks.first)
            let retry = WorkflowRelease.Disposition.retry(after: .seconds(3600), reason: "broken")
            _ = try await site.backend.release(WorkflowRelease(claim: next.claim, disposition: retry))
            // Somebody else wrote to the history.
            try await site.redis.send(["XADD", "{test:0}:history:\(run)", "9-0", "x", "y"])
            // Not before, however slow the machine is.
            #expect(try await site.redis.send(["ZADD", "{test:0}:timers", "XX", "CH", 1, "t:0:\(run)"]).asInt == 1)
            try await site.until("the run is blocked") {
                _ = try await player.claim(0, 0)
                return try await site.backend.describe(workflowID: "order", runNumber: nil).state == .blocked
            }
            #expect(try await site.redis.send(["EXISTS", "{test:0}:timers"]).asInt == 0)
            try await site.backend.unblock(run)
            #expect(try await player.claim().workflowTasks.count == 1)
        }
    }

    @Test func `what keeps a page of a large turn from being written comes out`() async throws {
        try await Site.with { site in
            let rules = ["on", "nopass", "~{test:0}:*", "&{test:0}:*", "+@all", "-rpush"]
            var setUser: RedisCommand = ["ACL", "SETUSER", "weak"]
            for rule in rules { setUser.append(rule) }
            _ = try await site.redis.send(setUser)
            let player = try await Player(site.backend)
            _ = try await site.backend.start(.sum("large"))
            let task = try #require(try await player.claim().workflowTasks.first)
            let url = site.server.url.replacing("redis://", with: "redis://weak:x@")
            let weak = try RedisBackend(url: url, namespace: "test")
            let error = await #expect(throws: BackendError.self) {
                try await weak.commit(Player.scheduling(task, operations: 0..<1000), claiming: player.request())
            }
            #expect(error?.code == .misconfigured)
            await weak.shutdown()
        }
    }

    @Test func `shutting down ends waits, and refuses calls`() async throws {
        try await Site.with(checksInvariants: false) { site in
            let backend = try site.anotherBackend()
            let run = try await backend.start(.sum("a"))
            let wait = Task { try await backend.wait(for: run, until: .closed) }
            try await site.waiters(of: run)
            await backend.shutdown()
            await expect(.cancelled) { _ = try await wait.value }
            await expect(.cancelled) { _ = try await backend.start(.sum("b")) }
            await expect(.cancelled) { _ = try await backend.wait(for: run, until: .closed) }
        }
    }

    @Test func `a server that is away is unavailable, and serves again when it is back`() async throws {
        let server = try await RedisTestServer.start(["--appendonly", "yes", "--appendfsync", "always"])
        var configuration = try RedisConfiguration(url: server.url)
        configuration.commandTimeout = .milliseconds(300)
        let backend = try RedisBackend(configuration: configuration)
        let run = try await backend.start(.sum("a"))
        await server.kill()
        await expect(.unavailable) { _ = try await backend.describe(workflowID: "a", runNumber: nil) }
        await expect(.unavailable) { _ = try await backend.start(.sum("b")) }
        try await server.restart()
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if (try? await backend.describe(workflowID: "a", runNumber: nil)) != nil { break }
        }
        #expect(try await backend.describe(workflowID: "a", runNumber: nil).run == run)
        #expect(try await backend.checkInvariants() == [])
        await backend.shutdown()
        await server.stop()
    }

    @Test func `another type under one of its keys is reported as corrupt`() async throws {
        try await Site.with(checksInvariants: false) { site in
            let run = try await site.backend.start(.sum("a"))
            try await site.redis.send(["SET", "{test:0}:run:\(run)", "nonsense"])
            await expect(.corrupt) { _ = try await site.backend.describe(workflowID: "a", runNumber: nil) }
        }
    }

    @Test func `a user limited to the namespace can do everything, and touches no other key`() async throws {
        try await Site.with { site in
            for start in stride(from: 0, to: 10_000, by: 500) {
                try await site.redis.pipeline((start..<start + 500).map { ["SET", "foreign:\($0)", "value \($0)"] })
            }
            try await site.redis.send([
                "ACL", "SETUSER", "limited", "on", ">secret", "~{acl:0}:*", "resetchannels", "&{acl:0}:*", "-@all",
                "+@read", "+@write", "+@scripting", "+@pubsub", "+@connection", "+@blocking", "+time", "+ping",
            ])
            let foreign = try await digest(of: site)
            let backend = try RedisBackend(
                url: "redis://limited:secret@127.0.0.1:\(site.server.port)", namespace: "acl")
            let player = try await Player(backend)
            #expect(try await player.claim().isEmpty)
            let run = try await backend.start(.sum("a"))
            try await backend.waitForWork(worker: player.registration.id, until: nil)
            let task = try #require(try await player.claim().workflowTasks.first)
            async let result = backend.wait(for: run, until: .closed)
            let (_, work) = try await backend.commit(
                Player.scheduling(task, operations: 0..<3), claiming: player.request(1, 3))
            let activities = try #require(work?.activityTasks)
            #expect(activities.count == 3)
            var last: ClaimedWork?
            for activity in activities {
                let completion = ActivityCompletion(claim: activity.claim, result: .completed([1]))
                last = try await backend.complete(completion, claiming: player.request()).work ?? last
            }
            _ = last
            #expect(
                try await backend.signal(SignalRecord(id: "s", name: "n", payload: []), workflowID: "a", runNumber: nil)
                    == run)
            for control in [backend.pause, backend.resume] { try await control(run) }
            for id in ["cancelled", "terminated"] { _ = try await backend.start(.sum(id)) }
            _ = try await backend.requestCancel(workflowID: "cancelled", runNumber: nil, reason: "r")
            for id in ["cancelled", "terminated"] {
                _ = try await backend.terminate(workflowID: id, runNumber: nil, reason: "r")
            }
            try await backend.recover(worker: player.registration.id, keeping: [])
            let end = try #require(try await player.claim(1, 0).workflowTasks.first)
            #expect(
                try await backend.commit(Player.completing(end, position: 3), claiming: player.request()).answer
                    == .committed)
            #expect(try await result.state == .completed)
            var told = try await backend.cancellations(of: player.registration.id).makeAsyncIterator()
            _ = try await backend.start(.sum("b"))
            let other = try #require(try await player.claim(1, 0).workflowTasks.first)
            let held = try await backend.commit(
                Player.scheduling(other, operations: 0..<1), claiming: player.request(0, 1)
            ).work?.activityTasks.first
            let claim = try #require(held?.claim)
            #expect(try await backend.heartbeat(claim, details: [1]) == .recorded)
            _ = try await backend.signal(
                SignalRecord(id: "s", name: "n", payload: []), workflowID: "b", runNumber: nil)
            let closing = try #require(try await player.claim(1, 0).workflowTasks.first)
            _ = try await backend.commit(Player.completing(closing), claiming: nil)
            #expect(await told.next() == ActivityCancellation(nonce: claim.nonce, reason: .runClosed))
            try await backend.unregister(worker: player.registration.id)
            #expect(try await backend.checkInvariants() == [])
            await backend.shutdown()

            #expect(try await digest(of: site) == foreign)
            let strange = try await site.allKeys().filter { !$0.hasPrefix("foreign:") && !$0.hasPrefix("{acl:0}:") }
            #expect(strange == [])
            await expect(.misconfigured) {
                let outside = try RedisBackend(
                    url: "redis://limited:secret@127.0.0.1:\(site.server.port)", namespace: "other")
                _ = try await outside.start(.sum("a"))
            }
        }
    }

    /// A digest of all foreign keys and their values.
    private func digest(of site: Site) async throws -> Int {
        var hasher = Hasher()
        for start in stride(from: 0, to: 10_000, by: 500) {
            for reply in try await site.redis.pipeline((start..<start + 500).map { ["DUMP", "foreign:\($0)"] }) {
                hasher.combine(try reply.asBytes)
            }
        }
        return hasher.finalize()
    }
}

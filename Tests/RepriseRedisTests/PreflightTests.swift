import Logging
import RedisClient
import RedisTestServer
import Reprise
import Testing

@testable import RepriseRedis

/// What is said of a server's settings, and what workers do about it.
struct PreflightTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The findings about a server that was started with these options, by setting.
    private func findings(_ options: [String]) async throws -> [String: PreflightFinding] {
        var found: [PreflightFinding] = []
        try await Site.with(options) { site in found = try await site.backend.preflight() }
        return Dictionary(found.map { ($0.setting, $0) }, uniquingKeysWith: { one, _ in one })
    }

    /// Runs a worker until it is registered, or throws what it throws.
    private func run(_ backend: RedisBackend, _ site: Site, allowsUnsafeStore: Bool = false) async throws {
        let worker = try Worker(
            backend: backend, options: WorkerOptions(allowsUnsafeStore: allowsUnsafeStore), logger: Self.quiet
        ) { Steps.self }
        let working = Task { try await worker.run() }
        let watching = Task {
            try await site.until("a worker is registered") {
                try await site.redis.send(["ZCARD", "{test:0}:workers"]).asInt > 0
            }
            working.cancel()
        }
        defer { watching.cancel() }
        try await working.value
        try await watching.value
    }

    @Test func `the advised settings have nothing that is unsafe or risky`() async throws {
        let found = try await findings([
            "--appendfsync", "everysec", "--maxmemory-policy", "noeviction", "--stream-node-max-bytes", "512",
        ])
        #expect(found.values.map(\.severity) == [.note])
        #expect(found["appendfsync"]?.consequence.contains("second") == true)
    }

    @Test(arguments: [
        (["--maxmemory-policy", "allkeys-lru"], "maxmemory-policy", PreflightFinding.Severity.unsafe),
        (["--maxmemory-policy", "volatile-lru"], "maxmemory-policy", .warning),
        (["--appendonly", "no"], "appendonly", .unsafe),
        (["--appendonly", "no", "--save", "900 1"], "appendonly", .warning),
        (["--appendfsync", "no"], "appendfsync", .warning),
        (["--stream-node-max-bytes", "4096"], "stream-node-max-bytes", .note),
    ])
    func `a setting is named with its value and its fix`(
        _ options: [String], _ setting: String, _ severity: PreflightFinding.Severity
    ) async throws {
        let finding = try #require(try await findings(options)[setting])
        #expect(finding.severity == severity)
        #expect(finding.fix.contains("CONFIG SET \(setting)"))
        #expect(!finding.consequence.isEmpty && !finding.found.isEmpty)
    }

    @Test func `a memory that is nearly full is told`() async throws {
        try await Site.with { site in
            let used = try await site.info("memory", "used_memory")
            try await site.redis.send(["CONFIG", "SET", "maxmemory", used / 10 * 11])
            let finding = try #require(try await site.backend.preflight().first { $0.setting == "maxmemory" })
            #expect(finding.severity == .warning)
            try await site.redis.send(["CONFIG", "SET", "maxmemory", used * 16])
            #expect(try await site.backend.preflight().first { $0.setting == "maxmemory" } == nil)
        }
    }

    @Test func `a replica is refused, with the address of its primary`() async throws {
        try await Site.with { site in
            let server = try await RedisTestServer.start(["--replicaof", "127.0.0.1", "\(site.server.port)"])
            let replica = try RedisBackend(url: server.url, namespace: "test")
            let finding = try #require(try await replica.preflight().first)
            #expect(finding.severity == .unsafe && finding.setting == "role")
            #expect(finding.fix.contains("127.0.0.1:\(site.server.port)"))
            try await site.until("the primary knows its replica") {
                try await site.info("replication", "connected_slaves") == 1
            }
            let note = try await site.backend.preflight().first { $0.setting == "min-replicas-to-write" }
            #expect(note?.severity == .note)
            await replica.shutdown()
            await server.stop()
        }
    }

    @Test func `without CONFIG the same is told by INFO, and without both it is said what can't be seen`() async throws
    {
        try await Site.with(["--maxmemory-policy", "allkeys-lru"]) { site in
            try await site.redis.send([
                "ACL", "SETUSER", "limited", "on", ">secret", "~{test:0}:*", "resetchannels", "&{test:0}:*", "-@all",
                "+@read", "+@write", "+@scripting", "+@pubsub", "+@connection", "+time", "+info",
            ])
            let limited = try RedisBackend(
                url: "redis://limited:secret@127.0.0.1:\(site.server.port)", namespace: "test")
            let found = try await limited.preflight()
            #expect(found.map(\.setting) == ["maxmemory-policy", "ACL"])
            #expect(found[0].severity == .unsafe)
            #expect(found[1].severity == .note)
            #expect(found[1].consequence.contains("appendfsync"))

            try await site.redis.send(["ACL", "SETUSER", "limited", "-info"])
            let blind = try await limited.preflight()
            #expect(blind.map(\.setting) == ["ACL"])
            #expect(blind[0].severity == .warning)
            #expect(blind[0].consequence.contains("maxmemory-policy"))
            #expect(blind[0].fix.contains("+info +config|get"))
            try await run(limited, site)
            await limited.shutdown()
        }
    }

    @Test func `rights that a worker needs are named, with the command that gives them`() async throws {
        try await Site.with { site in
            try await site.redis.send([
                "ACL", "SETUSER", "limited", "on", ">secret", "~{test:0}:*", "resetchannels", "-@all", "+@read",
                "+@write", "+@scripting", "+@pubsub", "+@connection", "+time", "+info", "-zadd", "-copy", "+acl|whoami",
            ])
            let limited = try RedisBackend(
                url: "redis://limited:secret@127.0.0.1:\(site.server.port)", namespace: "test")
            let before = try await site.allKeys()
            let finding = try #require(try await limited.preflight().first { $0.severity == .unsafe })
            #expect(finding.setting == "ACL")
            #expect(finding.fix.hasPrefix("ACL SETUSER limited "))
            #expect(finding.fix.contains("+copy") && finding.fix.contains("+zadd"))
            #expect(finding.fix.contains("&{test:0}:*"))
            #expect(try await site.allKeys() == before)
            do {
                try await run(limited, site)
                Issue.record("it should not have started")
            } catch let error as BackendError { #expect(error.code == .unsafeStore) }

            let fix = finding.fix.split(separator: " ").map(String.init)
            try await site.redis.send(RedisCommand(arguments: fix))
            #expect(try await limited.preflight().filter { $0.severity == .unsafe } == [])
            try await run(limited, site)

            let elsewhere = try RedisBackend(
                url: "redis://limited:secret@127.0.0.1:\(site.server.port)", namespace: "other")
            let keys = try #require(try await elsewhere.preflight().first { $0.severity == .unsafe })
            #expect(keys.fix.contains("~{other:0}:*"))
            await elsewhere.shutdown()
            await limited.shutdown()
        }
    }

    @Test func `every command of the scripts is tried`() throws {
        let scripts = Scripts.shared
        let used = scripts.all.flatMap { script in
            script.source.matches(of: /(?:call|chunked|p?call)\('([A-Z]+)'/).map { String($0.1) }
        }
        #expect(used.count > 100)
        let untried = Set(used).filter { !scripts.rights.source.contains("'\($0)'") }
        #expect(untried == [])
    }

    @Test func `a worker refuses an unsafe server, also one that is away at first, unless it is told otherwise`()
        async throws
    {
        try await Site.with(["--appendonly", "no"]) { site in
            do {
                try await run(site.backend, site)
                Issue.record("it should not have started")
            } catch let error as BackendError {
                #expect(error.code == .unsafeStore)
                #expect(error.message.contains("appendonly"))
                #expect(error.message.contains("allowsUnsafeStore"))
            }
            #expect(try await site.redis.send(["EXISTS", "{test:0}:workers"]).asInt == 0)
            try await run(site.backend, site, allowsUnsafeStore: true)

            await site.server.kill()
            let worker = try Worker(backend: site.backend, logger: Self.quiet) { Steps.self }
            let working = Task { try await worker.run() }
            try await site.server.restart()
            await #expect(throws: BackendError.self) { try await working.value }
        }
    }
}

import Foundation
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

@testable import RepriseCommands

/// What the program prints and how it exits.
struct DoctorCommandTests {
    /// Runs a test with a server and one run in the namespace `shop`.
    private func with(
        _ options: [String] = [], _ body: (RedisTestServer, RedisClient, RunID) async throws -> Void
    ) async throws {
        let server = try await RedisTestServer.start(options)
        let redis = RedisClient(configuration: try RedisConfiguration(url: server.url))
        let backend = try RedisBackend(url: server.url, namespace: "shop")
        let run = try await backend.start(
            StartRequest(
                requestID: "1", workflowID: "order", queue: "main",
                record: StartRecord(type: "Order", version: "", input: [])))
        let result: Result<Void, any Error>
        do { result = .success(try await body(server, redis, run)) } catch { result = .failure(error) }
        await backend.shutdown()
        await redis.shutdown()
        await server.stop()
        try result.get()
    }

    @Test func `a sound namespace is said to be well, on the Redis that the environment names`() async throws {
        try await with { server, _, _ in
            let result = try await CommandLineProgram.run(
                "doctor", "--namespace", "shop", environment: ["REDIS_URL": server.url])
            #expect(result.status == 0)
            #expect(result.errors == "")
            #expect(result.output.contains("Namespace shop: 1 run, 0 open operations looked at\nAll is well.\n"))
            #expect(result.output.contains("appendfsync: no"))
        }
    }

    @Test func `a fault is shown, repaired when asked for, and then gone`() async throws {
        try await with { server, redis, run in
            try await redis.send(["DEL", "{shop:0}:queue:w:main"])
            let found = try await CommandLineProgram.run("doctor", "--redis", server.url, "--namespace", "shop")
            #expect(found.status == 1)
            #expect(found.output.contains("broken   run \(run): a queued task is in its queue or parked\n"))
            #expect(found.output.contains("Not well: 1 wrong.\n"))
            let repaired = try await CommandLineProgram.run(
                "doctor", "--redis", server.url, "--namespace", "shop", "--repair")
            #expect(repaired.status == 0)
            #expect(repaired.output.contains("All is well again: 1 repaired.\n"))
            #expect(try await redis.send(["LRANGE", "{shop:0}:queue:w:main", 0, -1]).asArray.count == 1)
            let again = try await CommandLineProgram.run(
                "doctor", "--redis", server.url, "--namespace", "shop", "--json")
            #expect(again.status == 0)
            let values = try #require(
                try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
            #expect(values["isWell"] as? Bool == true)
            #expect((values["findings"] as? [Any])?.isEmpty == true)
            #expect(values["runs"] as? Int == 1)
        }
    }

    @Test func `an unsafe setting is named with its fix`() async throws {
        try await with(["--maxmemory-policy", "allkeys-lru"]) { server, _, _ in
            let result = try await CommandLineProgram.run("doctor", "--redis", server.url, "--namespace", "shop")
            #expect(result.status == 1)
            #expect(result.output.contains("unsafe   maxmemory-policy: allkeys-lru\n"))
            #expect(result.output.contains("fix: CONFIG SET maxmemory-policy noeviction"))
        }
    }

    @Test func `names can't command the terminal`() async throws {
        try await with { server, redis, _ in
            try await redis.send(["SET", "{shop:0}:\u{1B}[2Jtrap\u{202E}", "1"])
            let result = try await CommandLineProgram.run("doctor", "--redis", server.url, "--namespace", "shop")
            #expect(result.output.contains(#"\u{1B}[2Jtrap\u{202E}"#))
            let isSafe = { (scalar: Unicode.Scalar) in scalar == "\n" || scalar.properties.generalCategory != .control }
            #expect(result.output.unicodeScalars.allSatisfy(isSafe))
        }
    }

    @Test func `a Redis that is away is said to be in one line, and a mistake in the usage has its own status`()
        async throws
    {
        let away = try await CommandLineProgram.run("doctor", "--redis", "redis://127.0.0.1:1")
        #expect(away.status == 1)
        #expect(away.output == "")
        #expect(away.errors.hasPrefix("reprise: Redis can't be reached"))
        #expect(away.errors.filter(\.isNewline).count == 1)
        let wrong = try await CommandLineProgram.run("doctor", "--frobnicate")
        #expect(wrong.status == 64)
        let namespace = try await CommandLineProgram.run("doctor", "--namespace", "a b")
        #expect(namespace.status == 1)
        #expect(namespace.errors.contains("namespace"))
    }

    @Test func `the help doesn't tell the password that the environment has`() async throws {
        let help = try await CommandLineProgram.run(
            "doctor", "--help", environment: ["REDIS_URL": "redis://user:secret@localhost"])
        #expect(help.output.contains("$REDIS_URL"))
        #expect(!help.output.contains("secret"))
    }

    @Test func `blocked runs are listed and go on`() async throws {
        try await with { server, redis, run in
            try await redis.send(["XDEL", "{shop:0}:history:\(run)", "1-0"])
            _ = try await CommandLineProgram.run("doctor", "--redis", server.url, "--namespace", "shop", "--repair")
            let listed = try await CommandLineProgram.run("blocked", "--redis", server.url, "--namespace", "shop")
            #expect(listed.status == 0)
            #expect(listed.output.hasPrefix("\(run)  Order  queue main\n    it is damaged: a history has all entries"))
            let retried = try await CommandLineProgram.run(
                "retry", "order", "--redis", server.url, "--namespace", "shop")
            #expect(retried.output == "run \(run) goes on\n")
            #expect(try await redis.send(["ZCARD", "{shop:0}:blocked"]).asInt == 0)
            let again = try await CommandLineProgram.run(
                "retry", "order", "--redis", server.url, "--namespace", "shop")
            #expect(again.output == "run \(run) is queued, and left alone\n")
            let missing = try await CommandLineProgram.run(
                "retry", "nobody", "--redis", server.url, "--namespace", "shop")
            #expect(missing.status == 1)
        }
    }

    @Test func `of a run that is also paused it isn't said that it goes on`() async throws {
        try await with { server, redis, run in
            try await redis.send(["XDEL", "{shop:0}:history:\(run)", "1-0"])
            _ = try await CommandLineProgram.run("doctor", "--redis", server.url, "--namespace", "shop", "--repair")
            let backend = try RedisBackend(url: server.url, namespace: "shop")
            try await backend.pause(run)
            await backend.shutdown()
            let retried = try await CommandLineProgram.run(
                "retry", "order", "--redis", server.url, "--namespace", "shop")
            #expect(retried.output == "run \(run) isn't blocked any more, and is paused\n")
        }
    }

    @Test func `the README's settings are well, and its commands run`() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../README.md").standardized
        let readme = try String(contentsOf: file, encoding: .utf8)
        let block = try #require(readme.split(separator: "```conf\n").last?.split(separator: "```").first)
        let options = block.split(separator: "\n").flatMap { line in
            let words = line.split(separator: " ")
            return ["--\(words[0])"] + words.dropFirst().map(String.init)
        }
        try await with(options) { server, _, _ in
            for command in readme.split(separator: "\n") where command.hasPrefix("$ swift run reprise ") {
                let words = command.split(separator: " ").dropFirst(4).map(String.init)
                let result = try await CommandLineProgram.run(
                    words.map { $0.hasPrefix("redis://") ? server.url : $0 == "billing" ? "shop" : $0 })
                #expect(result.status == 0)
                #expect(result.output.hasSuffix("All is well.\n"))
                #expect(!result.output.contains("warning") && result.output.contains("note     appendfsync"))
            }
        }
    }
}

import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Scripts, with a server", .serialized, .timeLimit(.minutes(2))) struct ScriptTests {
    private let increment = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    private let append = RedisScript("return redis.call('RPUSH', KEYS[1], ARGV[1])")

    @Test func `The server computes the same digest`() async throws {
        try await withRedis { client, _ in
            for script in [increment, append, RedisScript("return '\u{e9}'")] {
                let digest = try await client.send(["SCRIPT", "LOAD", script.source]).asString
                #expect(digest == script.sha1)
            }
        }
    }

    @Test func `A script that the server does not know is sent with its source, once`() async throws {
        try await withRedis { client, _ in
            try await client.connect()
            let before = client.statistics
            #expect(try await client.eval(increment, keys: ["n"], arguments: [5]).asInt == 5)
            #expect((client.statistics - before).commands == 2)
            #expect(try await client.eval(increment, keys: ["n"], arguments: [5]).asInt == 10)
            #expect((client.statistics - before).commands == 3)
            try await client.send(["SCRIPT", "FLUSH"])
            #expect(try await client.eval(increment, keys: ["n"], arguments: [5]).asInt == 15)
        }
    }

    @Test func `Of a pipeline only the unknown calls are sent again, in order, each source once`() async throws {
        try await withRedis { client, _ in
            try await client.send(["SCRIPT", "LOAD", increment.source])
            let before = client.statistics
            let replies = try await client.pipeline([
                increment.call(keys: ["n"], arguments: [1]),
                append.call(keys: ["list"], arguments: ["a"]),
                ["SET", "other", "x"],
                append.call(keys: ["list"], arguments: ["b"]),
                increment.call(keys: ["n"], arguments: [1]),
                append.call(keys: ["list"], arguments: ["c"]),
            ])
            #expect(replies == [.integer(1), .integer(1), .status("OK"), .integer(2), .integer(2), .integer(3)])
            let done = client.statistics - before
            #expect(done.commands == 9)
            #expect(done.flushes == 2)
            let list = try await client.send(["LRANGE", "list", 0, -1]).asArray
            #expect(list == ["a", "b", "c"].map { .bytes(Array($0.utf8)) })
            #expect(try await client.send(["INFO", "commandstats"]).asString.contains("cmdstat_eval:calls=1,"))
        }
    }

    @Test func `An error of a script is thrown, and says that it may have written`() async throws {
        try await withRedis { client, _ in
            let script = RedisScript("redis.call('SET', KEYS[1], 'x'); return redis.call('INCR', KEYS[1])")
            let error = await failure { try await client.eval(script, keys: ["k"]) }
            #expect(error?.code == .serverError)
            #expect(error?.mayHaveExecuted == true)
            let written = try await client.send(["GET", "k"]).asString
            #expect(written == "x")
        }
    }
}

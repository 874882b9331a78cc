import Foundation
import RedisTestServer
import Testing

@testable import RedisClient

@Suite("Settings, with a server", .serialized, .timeLimit(.minutes(2))) struct ConfigurationTests {
    @Test func `A password, a database and a name are set when the connection is made`() async throws {
        try await withRedis(["--requirepass", "secret"]) { configuration, _ in
            configuration.credentials = RedisCredentials(password: "secret")
            configuration.database = 3
            configuration.clientName = "tester"
        } _: { client, _ in
            let info = try await client.send(["CLIENT", "INFO"]).asString
            #expect(info.contains(" db=3 "))
            #expect(info.contains(" name=tester "))
        }
    }

    @Test func `An ACL user connects with what a URL says`() async throws {
        let server = try await RedisTestServer.start(["--user", "worker", "on", ">p@ss/word", "~*", "+@all"])
        let url = "redis://worker:p%40ss%2Fword@127.0.0.1:\(server.port)/1"
        let client = RedisClient(configuration: try RedisConfiguration(url: url))
        #expect(try await client.send(["ACL", "WHOAMI"]).asString == "worker")
        await client.shutdown()
        await server.stop()
    }

    @Test func `A wrong password fails at once with its own code, without the password`() async throws {
        try await withRedis(["--requirepass", "secret"]) { configuration, _ in
            configuration.credentials = RedisCredentials(password: "hunter2")
        } _: { client, _ in
            let start = ContinuousClock.now
            let error = await failure { try await client.send(["PING"]) }
            #expect(error?.code == .authenticationFailed)
            #expect(error?.category == .configuration)
            #expect(error?.mayHaveExecuted == false)
            #expect(error.map { "\($0)".contains("hunter2") } == false)
            #expect(ContinuousClock.now - start < .seconds(5), "it is not tried until the timeout")
        }
    }

    @Test func `A missing password fails with the code of a wrong one`() async throws {
        try await withRedis(["--requirepass", "secret"]) { client, _ in
            #expect(await failure { try await client.connect() }?.code == .authenticationFailed)
            #expect(
                await failure { try await client.dedicatedConnection().send(["PING"]) }?.code == .authenticationFailed)
        }
    }

    @Test func `A database that does not exist is an error of the configuration`() async throws {
        try await withRedis { configuration, _ in
            configuration.database = 99
        } _: { client, _ in
            let error = await failure { try await client.send(["PING"]) }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains("99") == true)
        }
    }

    @Test func `What the user may not do has its own code`() async throws {
        try await withRedis(["--user", "reader", "on", ">pw", "~*", "+get", "+ping"]) { configuration, _ in
            configuration.credentials = RedisCredentials(username: "reader", password: "pw")
        } _: { client, _ in
            let nothing = try await client.send(["GET", "a"])
            #expect(nothing.isNull)
            let error = await failure { try await client.send(["SET", "a", 1]) }
            #expect(error?.code == .permissionDenied)
            #expect(error?.category == .configuration)
        }
    }

    @Test func `A write to a replica has its own code`() async throws {
        try await withRedis(["--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "yes"]) { client, _ in
            let error = await failure { try await client.send(["SET", "a", 1]) }
            #expect(error?.code == .readOnlyReplica)
            #expect(error?.category == .configuration)
        }
    }

    @Test func `A Unix socket works like a port`() async throws {
        try await withRedis { configuration, server in
            configuration.endpoint = .unixSocket(path: server.socketPath)
        } _: { client, _ in
            try await client.send(["SET", "a", 1])
            #expect(try await client.send(["GET", "a"]).asInt == 1)
            #expect(try await client.send(["CLIENT", "INFO"]).asString.contains("redis.sock"))
        }
    }

    @Test func `A server that is not there is named in the error`() async throws {
        var configuration = RedisConfiguration(endpoint: .tcp(host: "127.0.0.1", port: 1))
        configuration.commandTimeout = .milliseconds(200)
        let client = RedisClient(configuration: configuration)
        let error = await failure { try await client.send(["PING"]) }
        #expect(error?.code == .connectionFailed)
        #expect(error?.mayHaveExecuted == false)
        #expect(error?.message.contains("127.0.0.1:1") == true, "\(error?.message ?? "")")
        let start = ContinuousClock.now
        #expect(await failure { try await client.connect() }?.code == .connectionFailed)
        #expect(ContinuousClock.now - start < .seconds(3), "connect() makes one attempt")
        await client.shutdown()
    }

    @Test func `A host that has no address is named in the error`() async throws {
        let client = RedisClient(configuration: try RedisConfiguration(url: "redis://no-such-host.invalid"))
        let error = await failure { try await client.connect() }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains("no-such-host.invalid:6379") == true, "\(error?.message ?? "")")
        await client.shutdown()
    }

    #if os(Linux)
        @Test func `The system looks after ten seconds whether the other end of an idle connection is there`()
            async throws
        {
            try await withRedis { client, server in
                try await client.send(["PING"])
                // Local and remote address, state, and the timer: of the kind 2, in hundredths of a second.
                let port = String(server.port, radix: 16, uppercase: true)
                let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/net/tcp"))
                let lines = try #require(String(bytes: file.readToEnd() ?? Data(), encoding: .utf8)).split(
                    separator: "\n")
                let fields = try #require(
                    lines.map { $0.split(separator: " ") }.first { $0[2].hasSuffix(":" + port) && $0[3] == "01" })
                let timer = fields[5].split(separator: ":")
                #expect(timer[0] == "02")
                #expect(try (1...1000).contains(#require(Int(timer[1], radix: 16))))
            }
        }
    #endif
}

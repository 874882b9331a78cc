import Foundation
import RedisClient
import RedisTestServer
import Testing

/// `reprise bench`: what it prints, and that nothing of it is left. The figures themselves are the machine's.
struct BenchCommandTests {
    /// Runs a test with a server that holds one key, and checks that it is the only one at the end.
    private func with(_ body: (RedisTestServer, RedisClient) async throws -> Void) async throws {
        let server = try await RedisTestServer.start()
        let redis = RedisClient(configuration: try RedisConfiguration(url: server.url))
        let result: Result<Void, any Error>
        do {
            try await redis.send(["SET", "yours", "1"])
            try await body(server, redis)
            #expect(try await redis.send(["KEYS", "*"]).asArray.map { try $0.asString } == ["yours"])
            result = .success(())
        } catch { result = .failure(error) }
        await redis.shutdown()
        await server.stop()
        try result.get()
    }

    private struct Report: Decodable {
        var setting: Setting
        var workloads: [WorkloadReport]

        struct Setting: Decodable {
            var server: String
            var durability: String
            var system: String
            var cores: Int
            var isDebugBuild: Bool
        }

        struct WorkloadReport: Decodable {
            var workload: String
            var summary: String
            var size: Int
            var runs: [Measurement]
            var median: Measurement
            var floors: [Measurement]
            var floor: Measurement?
            var engineToFloor: Double?
        }

        struct Measurement: Decodable {
            var count: Int
            var seconds: Double
            var throughput: Double
            var latencyMilliseconds: [String: Double]?
            var usage: [String: Double]
            var figures: [String: Double]
        }

        init(_ result: CommandLineProgram.Result) throws {
            self = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        }
    }

    private static let usage: Set = [
        "processCPU", "redisCPU", "commands", "scripts", "calls", "bursts", "bytesSent", "bytesReceived", "memory",
    ]

    @Test func `all workloads that are quick are reported in JSON, with all fields`() async throws {
        try await with { server, _ in
            let result = try await CommandLineProgram.run(
                "bench", "--json", "--scale", "0.005", "--runs", "1", "--redis", server.url)
            #expect(result.status == 0)
            #expect(result.errors == "")
            let report = try Report(result)
            #expect(report.setting.server.hasPrefix("Redis ") || report.setting.server.hasPrefix("Valkey "))
            #expect(report.setting.durability != "unknown" && report.setting.cores > 0)
            #expect(
                report.workloads.map(\.workload) == ["W1", "W2", "W3", "W4", "W5", "W8", "W9", "W10", "W11", "W12"])
            for workload in report.workloads {
                let median = workload.median
                #expect(workload.runs.count == 1)
                #expect(median.count == (workload.workload == "W8" ? 20 : workload.size))
                #expect(median.seconds > 0 && median.throughput > 0)
                #expect(Set(median.usage.keys) == Self.usage)
                let latency = try #require(median.latencyMilliseconds)
                let values = try ["p50", "p95", "p99", "max"].map { try #require(latency[$0]) }
                #expect(values == values.sorted())
                #expect(workload.floors.count == (workload.workload == "W1" ? 1 : 0))
                #expect((workload.floor != nil) == (workload.workload == "W1"))
                #expect((workload.engineToFloor != nil) == (workload.workload == "W1"))
            }
            #expect(report.workloads[0].size == 10)
            #expect(Set(try #require(report.workloads[0].floor).usage.keys) == Self.usage)
            // One at a time: a start, a claim, a turn, a result with its turn. Together, they share calls.
            let alone = report.workloads[1].median.usage
            #expect((alone["scripts"] ?? 0) >= 4)
            for usage in [report.workloads[0].median.usage, report.workloads[1].median.usage] {
                let (calls, scripts, commands) = (usage["calls"] ?? 0, usage["scripts"] ?? 0, usage["commands"] ?? 0)
                #expect(calls > 0 && scripts > 0 && scripts <= calls + 1)
                #expect(commands > scripts)
            }
            #expect(try #require(report.workloads[3].median.usage["commands"]) > 500)
            #expect(try #require(report.workloads[7].median.usage["bytesSent"]) > 2e6)
            #expect(try #require(report.workloads[5].median.figures["entriesPerSecond"]) > 0)
            #expect(try #require(report.workloads[8].median.figures["scriptMilliseconds"]) > 0)
            #expect(try #require(report.workloads[8].median.usage["calls"]) >= 1)
        }
    }

    @Test func `a workload is told of in words, and each run is made`() async throws {
        try await with { server, _ in
            let result = try await CommandLineProgram.run(
                "bench", "w2", "--scale", "0.01", "--runs", "3", "--redis", server.url)
            #expect(result.status == 0)
            #expect(result.output.contains("W2  10 workflows of one activity, one at a time\n"))
            #expect(result.output.contains("/s in ") && result.output.contains("p99 "))
            #expect(result.output.contains(" commands   ") && result.output.contains(" calls in "))
        }
    }

    @Test func `the durability is set as asked for, and set back`() async throws {
        try await with { server, redis in
            for (name, value) in [("appendonly", "yes"), ("appendfsync", "everysec")] {
                try await redis.send(["CONFIG", "SET", name, value])
            }
            for durability in ["always", "off"] {
                let result = try await CommandLineProgram.run(
                    "bench", "W2", "--json", "--scale", "0.001", "--runs", "1", "--durability", durability, "--redis",
                    server.url)
                #expect(try Report(result).setting.durability == durability)
                #expect(try await redis.send(["CONFIG", "GET", "appendonly"]).asArray[1].asString == "yes")
                #expect(try await redis.send(["CONFIG", "GET", "appendfsync"]).asArray[1].asString == "everysec")
            }
        }
    }

    @Test func `a user who may not read what the Redis uses gets the rest, and one who may not set it is told so`()
        async throws
    {
        try await with { server, redis in
            try await redis.send(["ACL", "SETUSER", "guest", "on", ">secret", "~*", "&*", "+@all", "-config", "-info"])
            let url = server.url.replacing("redis://", with: "redis://guest:secret@")
            let result = try await CommandLineProgram.run(
                "bench", "W2", "--scale", "0.001", "--runs", "1", "--redis", url)
            #expect(result.status == 0)
            #expect(result.output.contains("INFO may not be read"))
            #expect(result.output.contains("durability unknown"))
            #expect(result.output.contains(" calls in ") && !result.output.contains("script calls"))
            let refused = try await CommandLineProgram.run("bench", "W2", "--durability", "off", "--redis", url)
            #expect(refused.status == 1)
            #expect(refused.output == "")
            #expect(refused.errors.hasPrefix("reprise: the durability can't be set on this Redis: "))
        }
    }

    @Test func `an interruption removes all keys first`() async throws {
        try await with { server, redis in
            let result = try await CommandLineProgram.run(["bench", "W7", "--redis", server.url]) { process in
                while try await redis.send(["DBSIZE"]).asInt < 1000, process.isRunning {
                    try await Task.sleep(for: .milliseconds(5))
                }
                process.interrupt()
            }
            #expect(result.status == 130)
            #expect(result.errors == "")
        }
    }

    @Test(arguments: [
        (["W13"], "W13"), (["--runs", "0"], "--runs must be at least 1"), (["--scale", "-1"], "--scale"),
        (["--durability", "sometimes"], "sometimes"),
    ])
    func `wrong arguments are named`(_ arguments: [String], _ message: String) async throws {
        let result = try await CommandLineProgram.run(["bench"] + arguments)
        #expect(result.status == 64)
        #expect(result.output == "")
        #expect(result.errors.contains(message))
    }

    @Test func `a Redis that is away is said to be in one line`() async throws {
        let result = try await CommandLineProgram.run("bench", "--redis", "redis://127.0.0.1:1")
        #expect(result.status == 1)
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("reprise: ") && result.errors.filter(\.isNewline).count == 1)
    }
}

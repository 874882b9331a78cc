import Foundation
import RedisClient
import RedisTestServer
import Testing

/// `reprise bench growth`, as small as it gets.
struct GrowthTests {
    private struct Report: Decodable {
        var workloads: [String]
        var growth: [Scene]

        struct Scene: Decodable {
            var scene: String
            var unit: String
            var series: [Series]
        }

        struct Series: Decodable {
            var name: String
            var points: [Point]
        }

        struct Point: Decodable {
            var size: Int
            var runs: [Measurement]
            var median: Measurement
        }

        struct Measurement: Decodable {
            var count: Int
            var seconds: Double
            var usage: [String: Double]
        }
    }

    private func with(_ body: (String, URL) async throws -> Void) async throws {
        let server = try await RedisTestServer.start()
        let redis = RedisClient(configuration: try RedisConfiguration(url: server.url))
        let folder = FileManager.default.temporaryDirectory.appending(path: "plots-\(UUID().uuidString)")
        let result: Result<Void, any Error>
        do {
            try await body(server.url, folder)
            #expect(try await redis.send(["DBSIZE"]).asInt == 0)
            result = .success(())
        } catch { result = .failure(error) }
        try? FileManager.default.removeItem(at: folder)
        await redis.shutdown()
        await server.stop()
        try result.get()
    }

    @Test
    func `every scene is measured at its sizes, also with workers in processes of their own, and nothing is left`()
        async throws
    {
        try await with { url, folder in
            let result = try await CommandLineProgram.run(
                "bench", "growth", "--json", "--scale", "0.002", "--runs", "1", "--plots", folder.path, "--redis", url)
            #expect(result.errors == "")
            try #require(result.status == 0)
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            #expect(report.workloads == [])
            let sizes = Dictionary(
                uniqueKeysWithValues: report.growth.map { scene in
                    (scene.scene, scene.series.map { $0.points.map(\.size) })
                })
            #expect(
                sizes == [
                    "finished": [[1, 2, 200, 2000], [1, 2, 200, 2000]], "open": [[1, 2, 20, 200], [1, 2, 20, 200]],
                    "steps": [[1, 2, 20]], "workers": [[1, 2, 4]], "queue": [[1, 2, 20, 200]],
                    "history": [[1, 2, 20, 100]],
                ])
            for scene in report.growth {
                for point in scene.series.flatMap(\.points) {
                    #expect(point.runs.count == 1 && point.median.count > 0 && point.median.seconds > 0)
                    #expect(point.median.usage["commands"] ?? 0 > 0)
                    #expect(point.median.usage["processCPU"] ?? 0 > 0)
                }
                let svg = try String(contentsOf: folder.appending(path: "\(scene.scene).svg"), encoding: .utf8)
                #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
            }
        }
    }

    @Test func `a scene is told of as a section in Markdown`() async throws {
        try await with { url, folder in
            let result = try await CommandLineProgram.run(
                "bench", "steps", "--scale", "0.01", "--runs", "1", "--plots", folder.path, "--redis", url)
            #expect(result.status == 0)
            #expect(result.output.contains("\n### Steps of one workflow\n"))
            #expect(result.output.contains("](\(folder.lastPathComponent)/steps.svg)\n"))
            #expect(result.output.contains("\n| activities of a workflow | commands in Redis | CPU of Redis, ms |"))
            let rows = result.output.split(separator: "\n").filter { $0.hasPrefix("| 1") }
            #expect(rows.count == 3)
            #expect(rows.last?.contains(" %)") == true)
        }
    }

    @Test func `an interruption ends the processes of workers and removes all keys`() async throws {
        try await with { url, _ in
            let redis = RedisClient(configuration: try RedisConfiguration(url: url))
            let result = try await CommandLineProgram.run(["bench", "workers", "--redis", url]) { process in
                while try await redis.send(["DBSIZE"]).asInt < 200, process.isRunning {
                    try await Task.sleep(for: .milliseconds(5))
                }
                process.interrupt()
            }
            #expect(result.status == 130)
            #expect(result.errors == "")
            // Only these two are left: the one of this test, and the one that asks for what is left.
            let clients = try await redis.send(["CLIENT", "LIST"]).asString.split(separator: "\n")
            #expect(clients.count <= 2, "\(clients)")
            await redis.shutdown()
        }
    }

    @Test func `plots without something that grows are refused`() async throws {
        let result = try await CommandLineProgram.run("bench", "W2", "--plots", "plots")
        #expect(result.status == 64)
        #expect(result.errors.contains("--plots"))
    }
}

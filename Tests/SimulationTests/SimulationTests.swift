import Foundation
import RedisTestServer
import Testing

/// Runs the program in `Tests/Simulation`: it takes over the executor of all tasks, so it needs processes of its own.
@Suite struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// How many seeds each of the two processes runs: `REPRISE_SEEDS=50000` for a night.
    private static let count = environment["REPRISE_SEEDS"].flatMap { Int($0) } ?? 2000
    /// `REPRISE_SEED=42` runs this one only, and shows its trace.
    private static let seed = environment["REPRISE_SEED"].flatMap { UInt64($0) }

    @Test(.enabled(if: seed == nil), arguments: 0..<2)
    func `Whatever fails, nothing is lost and nothing doubled, and a seed always goes the same way`(
        part: Int
    ) async throws {
        let first = part * Self.count + 1
        let (status, output) = try await simulation(["\(first)", "\(first + Self.count - 1)"])
        guard status != 0 else { return }
        let failures = output.filter { !$0.hasPrefix("seed ") }
        let last = output.last { $0.hasPrefix("seed ") } ?? "none"
        Issue.record(
            """
            the simulation ended with status \(status); the last was \(last). To see one again:
                REPRISE_SEED=… swift test --filter SimulationTests
            \(failures.joined(separator: "\n"))
            """)
    }

    @Test(.enabled(if: seed != nil)) func `One seed`() async throws {
        let seed = try #require(Self.seed)
        let (status, output) = try await simulation(["\(seed)"])
        print(output.joined(separator: "\n"))
        #expect(status == 0)
    }

    private func simulation(_ arguments: [String]) async throws -> (status: Int32, output: [String]) {
        let file = FileManager.default.temporaryDirectory.appending(path: "simulation-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let process = try WatchedProcess(
            try BuiltProgram.path("simulation"), arguments, folder: "", output: file)
        let status = await process.exited()
        let text = try String(contentsOfFile: file, encoding: .utf8)
        return (status, text.split(separator: "\n").map(String.init))
    }
}

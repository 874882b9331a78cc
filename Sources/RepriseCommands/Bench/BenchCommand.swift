public import ArgumentParser
import Foundation
import RedisClient

/// Measures how fast workflows are on a Redis.
public struct BenchCommand: AsyncParsableCommand {
    /// Its name and its help.
    public static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures how fast workflows are on your Redis.",
        discussion: """
            Client and workers run in this process, in a namespace of their own whose keys are removed at the end. Other \
            work of the Redis slows it down, and counts as its.

            \(Workload.allCases.map { "\($0.rawValue)  \($0.summary)" }.joined(separator: "\n"))

            How costs grow, as tables in Markdown; \"growth\" is all of these:

            \(GrowthScene.allCases.map { "\($0.rawValue)  \($0.summary)" }.joined(separator: "\n"))
            """)

    @OptionGroup var server: RedisServerOptions

    @Argument(
        help: ArgumentHelp(
            "What to measure, of those above. Default: W1 to W12 but for W6 and W7, which take minutes.",
            valueName: "what"))
    var subjects: [BenchSubject] = []

    @Option(help: "How often each is measured; the median counts. Default: 5, 1 of W6 and W7, and 3 of what grows.")
    var runs: Int?

    @Option(help: "Multiplies how many workflows there are, for a quick look or a long one.")
    var scale = 1.0

    @Option(help: "Sets the Redis to this durability, and back at the end: off, everysec or always.")
    var durability: Durability?

    @Flag(help: "Print JSON.")
    var json = false

    @Option(help: ArgumentHelp("Where to write plots of how costs grow, as SVG.", valueName: "folder"))
    var plots: String?

    @Option(
        name: .customLong(WorkerProcess.option),
        help: ArgumentHelp("Be a worker in this namespace until the standard input ends.", visibility: .private))
    var workerNamespace: String?

    /// Makes a command whose arguments are to be parsed.
    public init() {}

    /// Says what is wrong with the arguments.
    public func validate() throws {
        if let runs, runs < 1 { throw ValidationError("--runs must be at least 1.") }
        guard scale > 0, scale <= 1000 else { throw ValidationError("--scale must be more than 0, and 1000 at most.") }
        let grows = subjects.contains { if case .growth = $0 { true } else { false } }
        guard plots == nil || grows else {
            throw ValidationError("--plots is for what grows: name growth, or one or more of its parts.")
        }
    }

    /// Runs it.
    ///
    /// - Throws: `ExitCode`, after a message.
    public func run() async throws {
        try await server.reportingFailure {
            let configuration = try RedisConfiguration(url: server.url)
            if let workerNamespace { return try await BenchWorker.run(configuration, in: workerNamespace) }
            try await bench(configuration).run()
        }
    }

    private func bench(_ configuration: RedisConfiguration) -> Bench {
        var bench = Bench(
            configuration: configuration, workloads: [], growth: [], plots: plots.map { URL(filePath: $0) }, runs: runs,
            scale: scale, durability: durability, printsJSON: json)
        for subject in subjects {
            switch subject {
            case .workload(let workload): bench.workloads.append(workload)
            case .growth(let scenes): bench.growth += scenes
            }
        }
        if subjects.isEmpty { bench.workloads = Workload.allCases.filter(\.isQuick) }
        return bench
    }
}

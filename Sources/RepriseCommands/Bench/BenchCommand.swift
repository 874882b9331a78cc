public import ArgumentParser
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
            """)

    @OptionGroup var server: RedisServerOptions

    @Argument(help: "What to measure, W1 to W10. Default: all but W6 and W7, which take minutes.")
    var workloads: [Workload] = []

    @Option(help: "How often each is measured; the median counts. Default: 5, and 1 of W6 and W7.")
    var runs: Int?

    @Option(help: "Multiplies how many workflows there are, for a quick look or a long one.")
    var scale = 1.0

    @Option(help: "Sets the Redis to this durability, and back at the end: off, everysec or always.")
    var durability: Durability?

    @Flag(help: "Print JSON.")
    var json = false

    /// Makes a command whose arguments are to be parsed.
    public init() {}

    /// Says what is wrong with the arguments.
    public func validate() throws {
        if let runs, runs < 1 { throw ValidationError("--runs must be at least 1.") }
        guard scale > 0, scale <= 1000 else { throw ValidationError("--scale must be more than 0, and 1000 at most.") }
    }

    /// Runs it.
    ///
    /// - Throws: `ExitCode`, after a message.
    public func run() async throws {
        try await server.reportingFailure {
            let bench = Bench(
                configuration: try RedisConfiguration(url: server.url),
                workloads: workloads.isEmpty ? Workload.allCases.filter(\.isQuick) : workloads, runs: runs,
                scale: scale,
                durability: durability, printsJSON: json)
            try await bench.run()
        }
    }
}

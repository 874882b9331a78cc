public import ArgumentParser
import Reprise
import RepriseRedis

/// Lists the runs that need a person or a new build.
public struct BlockedCommand: AsyncParsableCommand {
    /// Its name and its help.
    public static let configuration = CommandConfiguration(
        commandName: "blocked", abstract: "Lists blocked runs, those first that have been for longest.")

    @OptionGroup var redis: RedisOptions

    @Option(help: "Only runs of this workflow.")
    var type: String?

    @Option(help: "Only runs of this queue.")
    var queue: String?

    /// Makes a command whose arguments are to be parsed.
    public init() {}

    /// Runs it.
    ///
    /// - Throws: `ExitCode`, after a message.
    public func run() async throws {
        try await redis.withBackend { backend in
            for try await run in WorkflowClient(backend: backend).blockedRuns(type: type, queue: queue) {
                print("\(run.run.description.printable)  \(run.type.printable)  queue \(run.queue.printable)")
                print("    \((run.reason ?? "no reason is known").printable)")
                guard let blockage = run.blockage else { continue }
                var by: [String] = []
                if !blockage.worker.isEmpty { by.append("worker \(blockage.worker)") }
                if !blockage.build.isEmpty { by.append("build \(blockage.build)") }
                if !by.isEmpty { print("    by \(by.joined(separator: ", ").printable)") }
                if let error = blockage.lastError { print("    last error: \(error.printable)") }
            }
        }
    }
}

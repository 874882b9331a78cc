public import ArgumentParser
import Reprise
import RepriseRedis

/// Makes a blocked run go on.
public struct RetryCommand: AsyncParsableCommand {
    /// Its name and its help.
    public static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Makes a blocked run go on; one that isn't blocked is left alone.")

    @OptionGroup var redis: RedisOptions

    @Argument(help: "The workflow id: its newest run is meant.")
    var id: String

    /// Makes a command whose arguments are to be parsed.
    public init() {}

    /// Runs it.
    ///
    /// - Throws: `ExitCode`, after a message.
    public func run() async throws {
        try await redis.withBackend { backend in
            let run = try await backend.describe(workflowID: id, runNumber: nil)
            try await backend.unblock(run.run)
            let state =
                if run.state != .blocked {
                    "is \(run.state), and left alone"
                } else if try await backend.describe(workflowID: id, runNumber: run.run.number).state == .paused {
                    "isn't blocked any more, and is paused"
                } else {
                    "goes on"
                }
            print("run \(run.run.description.printable) \(state)")
        }
    }
}

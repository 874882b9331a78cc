public import ArgumentParser

/// All commands, as the program `reprise` has them.
///
/// A program of yours can offer them beside its own:
///
/// ```swift
/// static let configuration = CommandConfiguration(
///     commandName: "billing", subcommands: [WorkerCommand.self, DoctorCommand.self])
/// ```
public struct RepriseCommand: AsyncParsableCommand {
    /// Its name and its help.
    public static let configuration = CommandConfiguration(
        commandName: "reprise", abstract: "Looks after durable workflows on Redis.",
        subcommands: [DoctorCommand.self, BlockedCommand.self, RetryCommand.self, BenchCommand.self])

    /// Makes a command whose arguments are to be parsed.
    public init() {}
}

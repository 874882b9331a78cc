import ArgumentParser

@main
struct SubscriptionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscription",
        abstract: "A durable subscription: cycles that wait, charge, fail, and carry on.",
        subcommands: [
            DemoCommand.self, WorkerCommand.self, StartCommand.self, VariablesCommand.self, ResultCommand.self,
        ])
}

import ArgumentParser
import Reprise

struct VariablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "variables", abstract: "Shows a subscription's variables, running or finished.")

    @OptionGroup var redis: RedisOptions

    @Argument(help: "The workflow id.")
    var id: String

    func run() async throws {
        try await redis.withBackend { backend, _ in
            let debugger = WorkflowDebugger(backend: backend)
            for entry in try await debugger.variables(of: Subscription.self, id: id).entries {
                print("\(entry.name.printable) = \(entry.json.printable)")
            }
        }
    }
}

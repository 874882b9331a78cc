import ArgumentParser
import Reprise

struct ResultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "result", abstract: "Waits for a subscription's end and shows its result.")

    @OptionGroup var redis: RedisOptions

    @Argument(help: "The workflow id.")
    var id: String

    func run() async throws {
        try await redis.withBackend { backend, _ in
            let handle = try await WorkflowClient(backend: backend).handle(Subscription.self, id: id)
            let output = try await handle.result()
            print("paid \(output.paid), overdue \(output.overdue)")
        }
    }
}

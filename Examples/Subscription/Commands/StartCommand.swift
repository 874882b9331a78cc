import ArgumentParser
import Reprise

struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "start", abstract: "Starts a subscription.")

    @OptionGroup var redis: RedisOptions
    @OptionGroup var subscription: SubscriptionOptions

    func run() async throws {
        try await redis.withBackend { backend, _ in
            let handle = try await WorkflowClient(backend: backend).start(
                Subscription.self, id: subscription.id, subscription.input,
                options: StartOptions(queue: "billing", version: "1"))
            print("started \(handle.run.workflowID.printable), run \(handle.run.number)")
        }
    }
}

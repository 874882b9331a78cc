import ArgumentParser
import Logging
import Reprise

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Runs a subscription from start to end, and checks the books.")

    @OptionGroup var subscription: SubscriptionOptions

    @Flag(help: "Run everything in this process, without Redis.")
    var memory = false

    func run() async throws {
        let backend = InMemoryBackend()
        let ledger = MemoryLedger()
        let worker = try Worker(backend: backend, queue: "billing", logger: .demo) {
            Subscription.self
            PaymentActivities(gateway: PaymentGateway(ledger: ledger))
        }
        let working = Task { try await worker.run() }
        defer { working.cancel() }
        let demo = Demo(backend: backend, ledger: ledger, input: subscription.input, id: subscription.id)
        guard try await demo.run() else { throw ExitCode.failure }
    }
}

extension Logger {
    /// Warnings and errors, to standard error.
    static var demo: Logger {
        var logger = Logger(label: "subscription") { label in StreamLogHandler.standardError(label: label) }
        logger.logLevel = .warning
        return logger
    }
}

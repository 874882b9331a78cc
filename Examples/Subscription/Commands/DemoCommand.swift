import ArgumentParser
import Foundation
import Reprise

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs a subscription from start to end, watches it from outside, and checks the books.")

    @OptionGroup var redis: RedisOptions
    @OptionGroup var subscription: SubscriptionOptions

    @Flag(help: "Run everything in this process, without Redis.")
    var memory = false

    @Flag(help: "Kill the worker between a charge and its completion; another one takes over.")
    var crash = false

    func validate() throws {
        guard !(memory && crash) else { throw ValidationError("--crash needs a worker of its own: leave out --memory") }
    }

    func run() async throws {
        let isRight = memory ? try await runInMemory() : try await runOnRedis()
        guard isRight else { throw ExitCode.failure }
    }

    private func runInMemory() async throws -> Bool {
        let backend = InMemoryBackend()
        let ledger = MemoryLedger()
        let worker = try Worker(backend: backend, queue: "billing", logger: .demo) {
            Subscription.self
            PaymentActivities(gateway: PaymentGateway(ledger: ledger))
        }
        let working = Task { try await worker.run() }
        defer { working.cancel() }
        return try await Demo(backend: backend, ledger: ledger, input: subscription.input, id: subscription.id).run()
    }

    private func runOnRedis() async throws -> Bool {
        var isRight = false
        try await redis.withBackend { backend, ledger in
            // A new id each time: the books of an earlier demo are not this one's.
            let id = "\(subscription.id)-\(UUID().uuidString.prefix(8).lowercased())"
            let demo = Demo(
                backend: backend, ledger: ledger, input: subscription.input, id: id, expectsCrash: crash)
            let worker = WorkerProcess(redis: redis.redis)
            try await worker.start(crashes: crash)
            do { isRight = try await demo.run() } catch {
                await worker.stop()
                throw error
            }
            await worker.stop()
        }
        return isRight
    }
}

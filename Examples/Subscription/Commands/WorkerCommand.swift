import ArgumentParser
import Foundation
import Logging
import Reprise
import ServiceLifecycle
import UnixSignals

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Runs subscriptions and their payments until it is stopped.")

    @OptionGroup var redis: RedisOptions

    @Option(help: "The probability that a payment is declined, from 0 to 1.")
    var failureRate = 0.7

    @Option(help: "Decides which cycles are declined.")
    var seed = PaymentGateway.defaultSeed

    @Option(help: "Seconds until another worker takes over what a dead one held.")
    var lease = 30.0

    @Flag(help: ArgumentHelp("Die after the first charge is in the ledger.", visibility: .hidden))
    var crash = false

    @Flag(help: ArgumentHelp("Stop when standard input ends.", visibility: .hidden))
    var untilInputEnds = false

    func validate() throws {
        guard (0...1).contains(failureRate) else {
            throw ValidationError("--failure-rate must be from 0 to 1, not \(failureRate)")
        }
        guard lease >= 0.1 else { throw ValidationError("--lease must be at least 0.1 seconds, not \(lease)") }
    }

    func run() async throws {
        try await redis.withBackend(mayWait: true) { backend, ledger in
            let gateway = PaymentGateway(
                ledger: ledger, failureRate: failureRate, seed: seed, crashesAfterFirstCharge: crash)
            let worker = try Worker(
                backend: backend, queue: "billing", options: WorkerOptions(lease: .seconds(lease)), logger: .demo
            ) {
                Subscription.self
                PaymentActivities(gateway: gateway)
            }
            let group = ServiceGroup(
                services: [worker], gracefulShutdownSignals: [.sigterm, .sigint], logger: .demo)
            if untilInputEnds {
                // The demo that started this process holds the other end: it may die in any way, and this one goes too.
                Thread.detachNewThread {
                    _ = try? FileHandle.standardInput.readToEnd()
                    Task { await group.triggerGracefulShutdown() }
                }
            }
            try await group.run()
        }
    }
}

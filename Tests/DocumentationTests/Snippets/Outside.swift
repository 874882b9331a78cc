import Foundation
import Logging
import Reprise
import RepriseRedis
import RepriseTesting
import ServiceLifecycle
import Testing
import UnixSignals

struct Outside {
    let client: WorkflowClient
    let order: WorkflowHandle<Order>

    func client(_ backend: any Backend, input: Int) async throws -> Subscription.Output {
        let client = WorkflowClient(backend: backend)
        let subscription = try await client.start(Subscription.self, id: "sub-42", input)
        let output = try await subscription.result()
        return output
    }

    func complete(_ webhook: (reference: String, receipt: String)) async throws {
        // In the handler of a gateway's webhook:
        do {
            let token = try ActivityToken(webhook.reference)
            try await client.complete(Payments.charge, token, with: .init(id: webhook.receipt))
        } catch is ActivityTokenExpired {
            // The gateway calls twice now and then; or the workflow has given up.
        }
    }

    func callBack(_ reference: String, receipt: Payments.Receipt) async throws {
        // And where the gateway calls back, in any process:
        try await client.complete(Payments.charge, ActivityToken(reference), with: receipt)
    }

    func failure() async throws {
        do {
            let receipt = try await order.result()
            print(receipt.id)
        } catch let failure as WorkflowFailure {
            // The workflow let the failure of its activity pass.
            let declined = failure.cause?.details(as: Declined.self)
            let activity = failure.details(as: ActivityFailure.self)?.activity
            print(activity ?? "", declined?.reason ?? failure.message)
        }
    }

    func cause() async throws {
        do {
            _ = try await order.result()
        } catch let failure as WorkflowFailure {
            // The workflow let the failure of its activity pass, which came from an error of its own.
            if let declined = failure.cause?.details(as: Declined.self) { print(declined.reason) }
        }
    }

    func cancel() async throws {
        let order = try await client.handle(Order.self, id: "order-42")
        try await order.cancel(reason: "the customer changed their mind")
    }

    func cancelUntyped() async throws {
        let order = try await client.handle(id: "order-42")
        try await order.cancel(reason: "the customer changed their mind")
    }

    func unblock() async throws {
        let order = try await client.handle(id: "order-42")
        print(try await order.describe().reason ?? "")
        try await order.unblock()
    }

    func blocked() async throws -> Int {
        for try await run in client.blockedRuns(queue: "billing") {
            print(run.run, run.reason ?? "", run.blockage?.worker ?? "")
        }
        let count = try await client.unblockAll(type: "Order")
        return count
    }

    func terminate() async throws {
        let order = try await client.handle(Order.self, id: "order-42")
        try await order.terminate(reason: "it was started by mistake")
    }

    func pause() async throws {
        let order = try await client.handle(Order.self, id: "order-42")
        try await order.pause()
        try await order.wait(until: { $0.state == .paused }, timeout: .seconds(10))
        try await order.resume()
    }
}

struct Service {
    let backend: any Backend
    let logger: Logger
    let stripe: any PaymentGateway
    let mailer: Mailer

    func worker() throws -> Worker {
        try Worker(backend: backend, queue: "billing", logger: logger) {
            Subscription.self
            PaymentActivities(gateway: stripe)
            Emails.send.implement { message in try await mailer.send(message) }
        }
    }

    func serve() async throws {
        let worker = try Worker(backend: backend, queue: "billing", logger: logger) {
            Subscription.self
            PaymentActivities(gateway: stripe)
        }
        try await ServiceGroup(services: [worker], gracefulShutdownSignals: [.sigterm], logger: logger).run()
    }

    static func redis() throws -> RedisBackend {
        let backend = try RedisBackend(url: "redis://localhost", namespace: "billing")
        return backend
    }

    static func inMemory(_ body: (InMemoryBackend) async throws -> Void) async throws {
        func work(on backend: InMemoryBackend) async throws { try await body(backend) }
        let backend = InMemoryBackend(clock: .virtual(startingAt: Timestamp(milliseconds: 0)))
        try await work(on: backend)
        await backend.advance(by: .seconds(40 * 24 * 3600))
    }
}

struct TestExamples {
    let input = 5

    func advance() async throws {
        struct Declined: Error {}
        let environment = try TestEnvironment {
            Subscription.self
            Payments.charge.implement { _ in throw Declined() }
        }
        let subscription = try await environment.start(Subscription.self, id: "sub-1", input)
        await environment.advance(by: .days(40))
        #expect(try await environment.variables(of: Subscription.self, id: "sub-1").value("overdue") == 100)
        try await subscription.terminate(reason: "the test is over")
    }

    func result(_ environment: TestEnvironment) async throws {
        let subscription = try await environment.start(Subscription.self, id: "sub-1", input)
        #expect(try await environment.result(of: subscription).paid == 1200)  // three years later
    }
}

private let start = Timestamp(milliseconds: 0)

let month = Retention(age: .days(30), count: nil, bytes: 4 << 30)

struct ConformanceExample {
    let conformance = BackendConformance(
        makeBackend: { retention in InMemoryBackend(clock: .virtual(startingAt: start), retention: retention) },
        advance: { backend, duration in (backend as! InMemoryBackend).jump(by: duration, expiringLeases: true) },
        checkInvariants: { backend in (backend as! InMemoryBackend).checkInvariants() })

    @Test(arguments: BackendConformance.allCases)
    func inMemoryBackend(conforms test: ConformanceCase) async throws {
        try await conformance.run(test)
    }
}

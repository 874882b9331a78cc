import Foundation
import Reprise

final class Purchase: Workflow {
    static let approved = Signal<Purchase, Approval>("approved")

    func run(_ context: WorkflowContext) async throws -> String {
        let approval = try await context.receive(Self.approved)
        return approval.by
    }
}

final class Examples: Workflow {
    static let ordered = Signal<Examples, Payments.Charge>("ordered")
    static let decided = Signal<Examples, Decision>("decided")
    var overdue = 0

    func run(_ context: WorkflowContext) async throws {}

    func timeout(_ context: WorkflowContext) async throws -> Payments.Receipt {
        let receipt = try await context.withTimeout(.minutes(10)) {
            let order = try await context.receive(Self.ordered)
            return try await context.execute(Payments.charge, order)
        }
        return receipt
    }

    func race(_ context: WorkflowContext) async throws -> Decision {
        let decision = try await context.race(
            { try await context.receive(Self.decided) },
            {
                try await context.sleep(for: .days(3))
                return .expired
            })
        return decision
    }

    func map(_ context: WorkflowContext, invoices: [Payments.Charge]) async throws -> [Payments.Receipt] {
        let receipts = try await context.map(invoices, maxConcurrent: 50) { invoice in
            try await context.execute(Payments.charge, invoice)
        }
        return receipts
    }

    func shield(_ context: WorkflowContext, seat: String) async throws {
        do {
            try await context.sleep(for: .days(30))
        } catch is CancellationError {
            try await context.withShield {
                try await context.execute(Seats.release, seat)
            }
            throw CancellationError()
        }
    }

    func saga(_ context: WorkflowContext, trip: Trip) async throws {
        try await context.saga { saga in
            let flight = try await context.execute(Flights.book, trip)
            saga.compensate("cancel the flight") { try await context.execute(Flights.cancel, flight) }
            let hotel = try await context.execute(Hotels.book, trip)
            saga.compensate("cancel the hotel") { try await context.execute(Hotels.cancel, hotel) }
            try await context.execute(Payments.charge, .init(amount: 800))
        }
    }

    func children(_ context: WorkflowContext, order: Parcel) async throws -> String {
        let shipping = context.startChild(Shipping.self, id: "shipping-\(order.id)", order)
        try await context.execute(Emails.confirm, order)
        let parcel = try await shipping.value
        return parcel
    }

    func childFailure(_ context: WorkflowContext, order: Parcel) async throws {
        do {
            try await context.executeChild(Shipping.self, order)
        } catch let failure as ChildWorkflowFailure {
            // The child let the failure of its activity pass, which came from an error of its own.
            if let sold = failure.cause?.details(as: SoldOut.self) { print(sold.item) }
        }
    }

    func failure(_ context: WorkflowContext, charge: Payments.Charge) async throws {
        do {
            try await context.execute(Payments.charge, charge)
        } catch let failure as ActivityFailure where failure.details(as: Declined.self) != nil {
            overdue += charge.amount
        }
    }

    func handle(_ context: WorkflowContext) async throws {
        let charge = context.start(Payments.charge, .init(amount: 100))
        do { _ = try await charge.value } catch { try await context.execute(Payments.refund, charge.idempotencyKey) }
    }

    func several(_ context: WorkflowContext) async throws -> Int {
        let one = context.start(Numbers.random)
        let two = context.start(Numbers.random)
        return try await one.value + two.value
    }

    func local(_ context: WorkflowContext) async throws -> Double {
        let rate = try await context.executeLocally(Rates.lookUp, .init(from: "EUR", to: "SEK"))
        return rate
    }

    func recorded(_ context: WorkflowContext, entries: [String], order: Payments.Charge) async throws {
        let host = try context.sideEffect { ProcessInfo.processInfo.hostName }
        var generator = context.random
        let winner = entries.randomElement(using: &generator)
        print(host, winner ?? "")
        if context.version("fraud-check", 1...2) == 2 {
            try await context.execute(Fraud.check, order)
        }
    }
}

final class Meter: Workflow {
    struct Input: Codable, Sendable { var meter: String, total: Int }
    private let input: Input
    private var total: Int
    init(input: Input) { (self.input, total) = (input, input.total) }

    func run(_ context: WorkflowContext) async throws {
        while true {
            try await context.sleep(for: .hours(1))
            total += try await context.execute(Meters.read, input.meter)
            if context.shouldContinueAsNew {
                throw continueAsNew(with: .init(meter: input.meter, total: total))
            }
        }
    }
}

final class Greeting: Workflow {
    struct Input: Codable, Sendable { var name: String }

    @Variable var greeted = false
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> String {
        let text = try await context.execute(Greetings.compose, input.name)
        try await context.sleep(for: .seconds(86_400))
        greeted = true
        return text
    }
}

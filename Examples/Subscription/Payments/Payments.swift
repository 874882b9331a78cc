import Reprise

/// What the workflow knows of payments. It depends on nothing.
enum Payments {
    static let charge = Activity<Charge, Receipt>("payments.charge", timeout: .seconds(20))

    struct Charge: Codable, Sendable {
        var subscription: String
        var cycle: Int
        var amount: Int
    }

    struct Receipt: Codable, Sendable {
        var id: String
    }
}

/// How payments are made. Its dependencies are stored properties.
struct PaymentActivities: ActivityProvider {
    let gateway: PaymentGateway

    var activities: [ActivityRegistration] { Payments.charge.implement(charge) }

    func charge(_ charge: Payments.Charge, _ context: ActivityContext) async throws -> Payments.Receipt {
        // The key is the same however often this call is run, so the customer is charged once.
        try await gateway.charge(charge, key: context.idempotencyKey, delivery: context.deliveries)
        return Payments.Receipt(id: context.idempotencyKey)
    }
}

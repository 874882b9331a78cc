import Reprise

/// The activities of the workload.
enum Jobs {
    struct Charge: Codable, Sendable {
        var account: String
        var amount: Int
    }

    struct Declined: Error {}
    struct Flaky: Error {}

    private static let patient = RetryPolicy.fixed(.milliseconds(300), nonRetryable: ["Declined"])

    static let add = Activity<Int, Int>("add", retry: patient)
    /// Says how far it is.
    static let crawl = Activity<Int, Int>("crawl", retry: patient, timeout: .seconds(60), heartbeat: .seconds(6))
    static let charge = Activity<Charge, Int>("charge", retry: patient)
    static let refund = Activity<String, Void>("refund", retry: patient)
    /// Is finished from outside.
    static let later = Activity<Int, Int>("later", retry: patient, timeout: .seconds(25))
    /// Throws always.
    static let hopeless = Activity<Int, Int>("hopeless", retry: .fixed(.milliseconds(200), attempts: 3))

    /// What `add`, `crawl` and `later` return.
    static func result(of input: Int) -> Int { input * 2 + 1 }
}

/// The activities as a process has them.
struct JobActivities: ActivityProvider {
    let world: World
    let machine: Machine

    var activities: [ActivityRegistration] {
        Jobs.add.implement { input, context in
            try await work("\(input)", context)
            return Jobs.result(of: input)
        }
        Jobs.crawl.implement { input, context in
            var done = try context.heartbeatDetails(as: Int.self) ?? 0
            while done < 4 {
                try await work("\(input)", context)
                done += 1
                try context.heartbeat(done)
            }
            return Jobs.result(of: input)
        }
        Jobs.charge.implement { charge, context in
            if charge.amount < 0 { throw Jobs.Declined() }
            try await work(charge.account, context)
            world.ledger.charge(charge.account, charge.amount)
            return charge.amount
        }
        Jobs.refund.implement { account, context in
            try await work(account, context)
            world.ledger.refund(account)
        }
        Jobs.later.implement { input, context in
            try await work("\(input)", context)
            world.clients.finish(context.completionToken, with: Jobs.result(of: input))
            try context.completeLater()
        }
        Jobs.hopeless.implement { _, _ in throw Jobs.Flaky() }
    }

    private func work(_ input: String, _ context: ActivityContext) async throws {
        world.ledger.execute(context.activity, input, key: context.idempotencyKey)
        try await machine.sleep(for: world.chance.pick([.zero, .milliseconds(50), .milliseconds(700), .seconds(3)]))
        if world.happens(world.weather.flaky) { throw Jobs.Flaky() }
    }
}

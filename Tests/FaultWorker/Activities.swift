import Foundation
import Reprise

/// The activities of the tests' workflows.
package enum Activities {
    package struct Addend: Codable, Sendable {
        package var amount: Int
        /// How long it takes.
        package var milliseconds: Int
        /// Whether its first attempt throws.
        package var failsFirst: Bool
    }

    /// Writes to the ledger, and returns its amount.
    static let add = Activity<Addend, Int>("add", retry: .fixed(.milliseconds(30), attempts: 3))
    /// The same for what takes long: it heartbeats.
    static let toil = Activity<Addend, Int>(
        "toil", retry: .fixed(.milliseconds(30), attempts: 3), timeout: .seconds(60), heartbeat: .seconds(3))
    /// Stops at a fail point, and returns the name of the worker that ran it.
    static let hold = Activity<String, String>("hold")
    /// Notes when it begins and when it is cancelled.
    static let hang = Activity<Int, Int>("hang")
    /// Traps after some milliseconds.
    static let trap = Activity<Int, Void>("trap")
    /// Takes some time, beside what traps.
    static let work = Activity<Neighbour.Input, Void>("work")

    struct Declined: Error {}
}

/// The implementations.
struct Implementations: ActivityProvider {
    let store: FaultStore
    let worker: String

    var activities: [ActivityRegistration] {
        Activities.add.implement(add)
        Activities.toil.implement { addend, context in
            try await store.begin(context.idempotencyKey, attempt: context.attempt)
            let end = ContinuousClock.now + .milliseconds(addend.milliseconds)
            while ContinuousClock.now < end {
                try context.heartbeat()
                try await Task.sleep(for: .milliseconds(100))
            }
            try await write(context)
            return addend.amount
        }
        Activities.hold.implement { point, context in
            try await write(context)
            // A task of its own: deaf to cancellation, as code can be.
            await Task { await store.hold(at: point, by: worker) }.value
            return worker
        }
        Activities.hang.implement { index in
            try await store.note("began", index, at: .now)
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
            let time = Date.now
            // A task of its own: this one is cancelled.
            try await Task { try await store.note("cancelled", index, at: time) }.value
            return -1
        }
        Activities.trap.implement { milliseconds, context in
            try await Task.sleep(for: .milliseconds(milliseconds))
            try await store.note("poison", delivery: context.deliveries, by: worker)
            fatalError("an activity traps")
        }
        Activities.work.implement { input, context in
            try await store.note(input.name, delivery: context.deliveries, by: worker)
            try await Task.sleep(for: .milliseconds(input.milliseconds))
        }
    }

    private func add(_ addend: Activities.Addend, _ context: ActivityContext) async throws -> Int {
        try await store.begin(context.idempotencyKey, attempt: context.attempt)
        try await Task.sleep(for: .milliseconds(addend.milliseconds))
        if addend.failsFirst, context.attempt == 1 { throw Activities.Declined() }
        try await write(context)
        return addend.amount
    }

    private func write(_ context: ActivityContext) async throws {
        do {
            try await store.write(context.idempotencyKey, deliveries: context.deliveries - context.attempt + 1)
        } catch {
            throw RetryActivity(after: .milliseconds(50), reason: "\(error)")
        }
    }
}

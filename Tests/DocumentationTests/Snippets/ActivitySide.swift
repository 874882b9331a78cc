import Foundation
import Reprise

struct PaymentActivities: ActivityProvider {
    let gateway: any PaymentGateway
    var activities: [ActivityRegistration] { Payments.charge.implement(charge) }

    func charge(_ charge: Payments.Charge, _ context: ActivityContext) async throws -> Payments.Receipt {
        try await gateway.charge(charge, idempotencyKey: context.idempotencyKey)
    }
}

struct RateLimited: RetryAdvising {
    var retryAfter: Duration
    var retryAdvice: RetryAdvice { .after(retryAfter) }
}

struct OrderFailed: CausedError {
    var cause: (any Error)?
}

struct ActivityExamples {
    func charge(_ charge: Payments.Charge) async throws -> Payments.Receipt { .init(id: "") }

    var retrying: ActivityRegistration {
        Payments.charge.implement(charge).retrying { error in error is ConnectionLost }
    }

    func later(_ gateway: any PaymentGateway) -> ActivityRegistration {
        Payments.charge.implement { charge, context in
            try await gateway.begin(charge, reference: context.completionToken.description)
            try context.completeLater()
        }
    }

    func heartbeat(_ context: ActivityContext, rows: [Int], copy: (Int) async throws -> Void) async throws {
        let done = try context.heartbeatDetails(as: Int.self) ?? 0
        for index in done..<rows.count {
            try await copy(rows[index])
            try context.heartbeat(index + 1)
        }
    }

    func cancelled(
        _ context: ActivityContext, file: String, upload: (String) async throws -> Void, remove: (String) async -> Void
    ) async throws {
        do {
            try await upload(file)
        } catch is CancellationError {
            if context.cancellationReason == .requested { await remove(file) }  // else another attempt goes on with it
            throw CancellationError()
        }
    }

    func policy() {
        let policy = RetryPolicy.exponential(attempts: 5, nonRetryable: ["CardStolen"])
        print(policy.delays(5))  // [1.0 seconds, 2.0 seconds, 4.0 seconds, 8.0 seconds]: the plan, before jitter
    }
}

import CSanitizers
import Foundation
import Reprise
import RepriseTesting
import Testing

@testable import subscription

@Suite(.timeLimit(.minutes(isSanitized() ? 15 : 1))) struct SubscriptionTests {
    private let month = 30.5 * 86_400

    @Test func `Three years of monthly payments take milliseconds, with a replay at every turn`() async throws {
        // Other tests run at the same time: the best of some tries counts.
        var best = Duration.seconds(60)
        for _ in 1...(isSanitized() ? 3 : 20) where best >= SubscriptionTests.bound {
            best = min(best, try await threeYears())
        }
        #expect(best < SubscriptionTests.bound)
    }

    /// Debug builds check everything and optimise nothing.
    #if DEBUG
        private static let bound = Duration.seconds(isSanitized() ? 50 : 2)
    #else
        private static let bound = Duration.milliseconds(50)
    #endif

    private func threeYears() async throws -> Duration {
        let environment = try TestEnvironment {
            Subscription.self
            Payments.charge.implement { charge in Payments.Receipt(id: "receipt \(charge.cycle)") }
        }
        let input = Subscription.Input(totalAmount: 3600, cycles: 36, cycleSeconds: month)
        return try await ContinuousClock().measure {
            let subscription = try await environment.start(Subscription.self, id: "sub", input)
            await environment.advance(by: .days(3 * 366))
            #expect(try await subscription.result() == Subscription.Output(paid: 3600, overdue: 0))
        }
    }

    @Test func `What can't be charged is carried over, and nothing is charged early`() async throws {
        let charged = Calls<Payments.Charge>()
        let environment = try TestEnvironment {
            Subscription.self
            Payments.charge.implement { charge in
                charged.add(charge)
                if charge.cycle % 3 != 2 { throw PaymentGateway.Declined() }
                return Payments.Receipt(id: "")
            }
        }
        let subscription = try await environment.start(
            Subscription.self, id: "sub", .init(totalAmount: 400, cycles: 4, cycleSeconds: month))
        await environment.advance(by: .seconds(month) - .milliseconds(1))
        #expect(charged.all.map(\.amount) == [])
        await environment.advance(by: .milliseconds(1))
        #expect(charged.all.map(\.amount) == [100])
        let variables = try await environment.variables(of: Subscription.self, id: "sub")
        #expect(try variables.value("overdue") == 100)
        #expect(try variables.value("cycle_0_err") == "payment declined")
        await environment.advance(by: .seconds(3 * month))
        #expect(charged.all.map(\.amount) == [100, 200, 300, 100])
        #expect(try await subscription.result() == Subscription.Output(paid: 300, overdue: 100))
    }
}

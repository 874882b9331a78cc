import Foundation
import Reprise

/// A plan that is paid in cycles: each waits until it is due, charges its amount and what is overdue, and carries on what
/// could not be charged.
final class Subscription: Workflow {
    struct Input: Codable, Sendable {
        var totalAmount: Int
        var cycles: Int
        var cycleSeconds: Double
    }

    struct Output: Codable, Sendable, Equatable {
        var paid: Int
        var overdue: Int
    }

    // What the debugger shows.
    @Variable var paid = 0
    @Variable var overdue = 0
    @Variable var currentCycle = 0
    @Variable var amountToPay = 0
    private let input: Input

    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Output {
        while currentCycle < input.cycles {
            amountToPay = amount(ofCycle: currentCycle) + overdue
            try await context.sleep(until: dueDate(ofCycle: currentCycle, context))
            do {
                let charge = Payments.Charge(
                    subscription: context.info.workflowID, cycle: currentCycle, amount: amountToPay)
                try await context.execute(Payments.charge, charge)
                paid += amountToPay
                overdue = 0
                context.setVariable("cycle_\(currentCycle)_paid_amount", amountToPay)
            } catch let failure as ActivityFailure {
                overdue = amountToPay
                context.setVariable("cycle_\(currentCycle)_err", failure.message)
            }
            context.setVariable("cycle_\(currentCycle)_completed_at", context.now)
            currentCycle += 1
        }
        return Output(paid: paid, overdue: overdue)
    }

    /// Equal parts; the last cycle takes the rest.
    private func amount(ofCycle cycle: Int) -> Int {
        let part = input.totalAmount / input.cycles
        return cycle == input.cycles - 1 ? input.totalAmount - part * cycle : part
    }

    private func dueDate(ofCycle cycle: Int, _ context: WorkflowContext) -> Date {
        context.startedAt.addingTimeInterval(Double(cycle + 1) * input.cycleSeconds)
    }
}

import Reprise

/// Moves money from one account to another and tells both owners: all of it or nothing.
///
/// No transaction spans two banks. Instead each step has a compensation, which takes it back. When a step fails, the
/// compensations of the steps so far run in reverse order, and then the run fails with the error that was the cause.
final class BankTransfer: Workflow {
    struct Input: Codable, Sendable {
        var from: String
        var to: String
        var amount: Int
    }

    // What the debugger shows.
    @Variable var step = "begun"
    private let input: Input
    private var compensations: [() async throws -> Void] = []

    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws {
        let run = context.info.run
        let withdrawal = Bank.Booking(reference: "\(run) out", account: input.from, amount: input.amount)
        let deposit = Bank.Booking(reference: "\(run) in", account: input.to, amount: input.amount)
        do {
            // A compensation is noted *before* its step. A step that failed may have been done all the same: the bank
            // made the booking, and its reply was lost.
            step = "withdrawing"
            compensations.append { try await context.execute(Bank.undoWithdrawal, withdrawal) }
            try await context.execute(Bank.withdraw, withdrawal)

            step = "depositing"
            compensations.append { try await context.execute(Bank.undoDeposit, deposit) }
            try await context.execute(Bank.deposit, deposit)

            step = "notifying"
            try await context.execute(
                Bank.notify, Bank.Notice(recipients: [input.from, input.to], text: "\(input.amount) transferred"))
            step = "done"
        } catch {
            step = "undoing"
            for compensate in compensations.reversed() { try await compensate() }
            step = "undone"
            throw error
        }
    }
}

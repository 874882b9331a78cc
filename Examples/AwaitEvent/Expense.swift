import Foundation
import Reprise

/// An expense that is paid back when somebody approves it.
///
/// The manager has a few days to decide; then the director is asked, and has as long as it takes. A decision that comes
/// while nobody waits for it yet is kept until somebody does.
final class Expense: Workflow {
    struct Input: Codable, Sendable {
        var what: String
        var amount: Int
        var managerSeconds: Double
    }

    struct Decision: Codable, Sendable, Equatable {
        var by: String
        var isApproved: Bool
    }

    static let decision = Signal<Expense, Decision>("decision")

    // What the debugger shows.
    @Variable var waitingFor = ""
    private let input: Input

    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Decision {
        let decision = try await decide(context)
        waitingFor = ""
        if decision.isApproved { try await context.execute(Office.pay, input.amount) }
        return decision
    }

    private func decide(_ context: WorkflowContext) async throws -> Decision {
        try await ask("manager", context)
        let deadline = context.now.addingTimeInterval(input.managerSeconds)
        if let decision = try await context.receive(Self.decision, deadline: deadline) { return decision }
        try await ask("director", context)
        return try await context.receive(Self.decision)
    }

    private func ask(_ person: String, _ context: WorkflowContext) async throws {
        try await context.execute(Office.ask, .init(person: person, about: input.what))
        waitingFor = person
    }
}

/// What the workflow knows of the office.
enum Office {
    static let ask = Activity<Question, Void>("office.ask", retry: .exponential())
    static let pay = Activity<Int, Void>("office.pay", retry: .exponential())

    struct Question: Codable, Sendable, Equatable {
        var person: String
        var about: String
    }
}

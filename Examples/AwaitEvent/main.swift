import Logging
import Reprise

let backend = InMemoryBackend()
let client = WorkflowClient(backend: backend)
let worker = try Worker(backend: backend, logger: Logger(label: "await-event")) {
    Expense.self
    Office.ask.implement { question, context in
        print("  asking the \(question.person) about \(question.about)")
        // The manager is away. The director decides before the workflow gets to wait for it: nothing is lost.
        guard question.person == "director" else { return }
        let expense = try await client.handle(Expense.self, id: context.workflowID)
        try await expense.signal(Expense.decision, Expense.Decision(by: "director", isApproved: false))
    }
    Office.pay.implement { amount in print("  paying \(amount)") }
}
let working = Task { try await worker.run() }

print("a decision made at once:")
let train = try await client.start(
    Expense.self, id: "expense-1", Expense.Input(what: "a train ticket", amount: 40, managerSeconds: 60))
try await train.signal(Expense.decision, Expense.Decision(by: "manager", isApproved: true))
print("  approved by the \(try await train.result().by)")

print("a deadline that passes:")
let jet = try await client.start(
    Expense.self, id: "expense-2", Expense.Input(what: "a jet", amount: 9_000_000, managerSeconds: 0.2))
print("  declined by the \(try await jet.result().by)")

working.cancel()

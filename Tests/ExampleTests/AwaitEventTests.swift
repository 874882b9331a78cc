import Foundation
import Reprise
import RepriseTesting
import Testing

@testable import await_event

@Suite(.timeLimit(.minutes(1))) struct AwaitEventTests {
    private let input = Expense.Input(what: "a train ticket", amount: 40, managerSeconds: 3 * 86_400)
    private let office = StubOffice()
    private let yes = Expense.Decision(by: "manager", isApproved: true)
    private let no = Expense.Decision(by: "director", isApproved: false)

    @Test func `A decision that comes before the run begins is kept for it`() async throws {
        let environment = try makeEnvironment()
        let expense = try await environment.start(
            Expense.self, id: "expense", input, options: .init(startAt: environment.now.addingTimeInterval(60)))
        try await expense.signal(Expense.decision, yes)
        await environment.advance(by: .minutes(1))
        #expect(try await expense.result() == yes)
        #expect(office.calls.all == ["ask manager", "pay 40"])
    }

    @Test func `A decision that comes while the workflow is busy is kept until it waits`() async throws {
        let (isAsking, mayGoOn) = (Gate(), Gate())
        let environment = try TestEnvironment {
            Expense.self
            Office.pay.implement { _ in }
            Office.ask.implement { _ in
                isAsking.open()
                await mayGoOn.wait()
            }
        }
        let expense = try await environment.start(Expense.self, id: "expense", input)
        await isAsking.wait()
        try await expense.signal(Expense.decision, yes)
        try await expense.wait { $0.through == $0.lastArrival }
        mayGoOn.open()
        #expect(try await expense.result() == yes)
    }

    @Test func `A decision in time is taken, and the deadline is forgotten`() async throws {
        let environment = try makeEnvironment()
        let expense = try await environment.start(Expense.self, id: "expense", input)
        await environment.advance(by: .days(2))
        try await expense.signal(Expense.decision, yes)
        await environment.advance(by: .days(30))
        #expect(try await expense.result() == yes)
        #expect(office.calls.all == ["ask manager", "pay 40"])
    }

    @Test func `At the deadline, and not before, the director is asked`() async throws {
        let environment = try makeEnvironment()
        let expense = try await environment.start(Expense.self, id: "expense", input)
        await environment.advance(by: .days(3) - .milliseconds(1))
        #expect(office.calls.all == ["ask manager"])
        await environment.advance(by: .milliseconds(1))
        #expect(office.calls.all == ["ask manager", "ask director"])
        let variables = try await environment.variables(of: Expense.self, id: "expense")
        #expect(try variables.value("waitingFor") == "director")

        // The second wait has no deadline.
        await environment.advance(by: .days(1000))
        #expect(try await expense.describe().state == .idle)
        try await expense.signal(Expense.decision, no)
        #expect(try await expense.result() == no)
        #expect(office.calls.all == ["ask manager", "ask director"])
    }

    @Test func `A wait whose deadline has passed takes nothing from the next one`() async throws {
        let environment = try makeEnvironment()
        let expense = try await environment.start(Expense.self, id: "expense", input)
        await environment.advance(by: .days(3))
        // The manager answers after all. Where a wait with a deadline is a race of two promises, the loser is still
        // there, and swallows this.
        try await expense.signal(Expense.decision, yes)
        #expect(try await expense.result() == yes)
        #expect(office.calls.all == ["ask manager", "ask director", "pay 40"])
    }

    private func makeEnvironment() throws -> TestEnvironment {
        try TestEnvironment {
            Expense.self
            office
        }
    }
}

/// Notes what it is asked to do.
private struct StubOffice: ActivityProvider {
    let calls = Calls<String>()

    var activities: [ActivityRegistration] {
        Office.ask.implement { calls.add("ask \($0.person)") }
        Office.pay.implement { calls.add("pay \($0)") }
    }
}

import Reprise
import RepriseTesting
import Testing

@testable import bank_transfer

@Suite(.timeLimit(.minutes(1))) struct BankTransferTests {
    private let bank = MemoryBank(balances: ["ada": 100, "ben": 20])
    private let mail = MemoryMail()
    private let input = BankTransfer.Input(from: "ada", to: "ben", amount: 30)

    @Test func `A transfer moves the amount and tells both owners`() async throws {
        let environment = try TestEnvironment {
            BankTransfer.self
            BankActivities(bank: bank, mail: mail)
        }
        try await environment.start(BankTransfer.self, id: "transfer", input).result()
        #expect(await bank.balances == ["ada": 70, "ben": 50])
        #expect(await mail.sent == ["ada: 30 transferred", "ben: 30 transferred"])
        #expect(try await environment.variables(of: BankTransfer.self, id: "transfer").value("step") == "done")
    }

    // A step may fail before it has done anything; or after it has, and only its reply is lost. Whoever notes a compensation
    // once its step has succeeded loses the money in the second case.
    @Test(arguments: ["withdraw", "deposit", "notify"], [false, true])
    func `A step that fails is undone with all before it, last first, and the run fails with its error`(
        step: String, isDone: Bool
    ) async throws {
        let calls = Calls<String>()
        let environment = try TestEnvironment {
            BankTransfer.self
            FailingActivities(bank: bank, step: step, isDone: isDone, calls: calls)
        }
        let transfer = try await environment.start(BankTransfer.self, id: "transfer", input)
        // Long enough for the retries of the notice.
        await environment.advance(by: .minutes(1))
        let failure = try await #require(throws: WorkflowFailure.self) { try await transfer.result() }
        let cause = try #require(failure.details(as: ActivityFailure.self))
        #expect(cause.activity == "bank.\(step)")
        #expect(cause.details(as: Outage.self) == Outage(step: step))
        let expected = [
            "withdraw": ["withdraw", "undoWithdrawal"],
            "deposit": ["withdraw", "deposit", "undoDeposit", "undoWithdrawal"],
            "notify": ["withdraw", "deposit", "notify", "notify", "notify", "undoDeposit", "undoWithdrawal"],
        ]
        #expect(calls.all == expected[step])
        #expect(await bank.balances == ["ada": 100, "ben": 20])
        #expect(try await environment.variables(of: BankTransfer.self, id: "transfer").value("step") == "undone")
    }

    @Test func `A compensation is tried until it succeeds`() async throws {
        let attempts = Calls<Int>()
        let environment = try TestEnvironment {
            BankTransfer.self
            Bank.withdraw.implement { [bank] in try await bank.book($0.reference, $0.account, -$0.amount) }
            Bank.deposit.implement { _ in throw Bank.Refusal.unknownAccount("ben") }
            Bank.undoDeposit.implement { _ in }
            Bank.undoWithdrawal.implement { [bank] booking, context in
                guard attempts.add(context.attempt) == 20 else { throw Outage(step: "undoWithdrawal") }
                await bank.cancel(booking.reference)
            }
        }
        let transfer = try await environment.start(BankTransfer.self, id: "transfer", input)
        await environment.advance(by: .minutes(2))
        #expect(await bank.balances == ["ada": 70, "ben": 20])
        #expect(try await transfer.describe().state == .idle)
        await environment.advance(by: .hours(1))
        #expect(attempts.all == Array(1...20))
        #expect(await bank.balances == ["ada": 100, "ben": 20])
        let failure = try await #require(throws: WorkflowFailure.self) { try await transfer.result() }
        let cause = try #require(failure.details(as: ActivityFailure.self))
        #expect(cause.details(as: Bank.Refusal.self) == .unknownAccount("ben"))
    }

    @Test func `A notice whose confirmation was lost is sent once`() async throws {
        let keys = Calls<String>()
        let environment = try TestEnvironment {
            BankTransfer.self
            BankActivities(bank: bank, mail: ForgetfulMail(mail: mail, keys: keys))
        }
        let transfer = try await environment.start(BankTransfer.self, id: "transfer", input)
        await environment.advance(by: .minutes(1))
        try await transfer.result()
        // The attempts got to Ada; to Ada and Ben; to Ada and Ben.
        #expect(keys.all.count == 5)
        #expect(Set(keys.all).count == 2)
        #expect(await mail.sent == ["ada: 30 transferred", "ben: 30 transferred"])
    }

    @Test func `A withdrawal that arrives after it was undone is not made`() async throws {
        let late = Calls<Bank.Booking>()
        let environment = try TestEnvironment {
            BankTransfer.self
            Bank.withdraw.implement { booking in
                late.add(booking)
                throw Outage(step: "withdraw")
            }
            Bank.undoWithdrawal.implement { [bank] booking in await bank.cancel(booking.reference) }
            Bank.deposit.implement { _ in }
            Bank.notify.implement { _ in }
            Bank.undoDeposit.implement { _ in }
        }
        let transfer = try await environment.start(BankTransfer.self, id: "transfer", input)
        _ = try await #require(throws: WorkflowFailure.self) { try await transfer.result() }
        let booking = try #require(late.all.first)
        await #expect(throws: Bank.Refusal.cancelled(reference: booking.reference)) {
            try await bank.book(booking.reference, booking.account, -booking.amount)
        }
        #expect(await bank.balances == ["ada": 100, "ben": 20])
    }
}

private struct Outage: Error, Codable, Equatable {
    var step: String
}

/// Activities of which one fails at every attempt, before or after it has done its work.
private struct FailingActivities: ActivityProvider {
    let bank: MemoryBank
    let step: String
    let isDone: Bool
    let calls: Calls<String>

    var activities: [ActivityRegistration] {
        Bank.withdraw.implement { booking in
            try await perform("withdraw") { try await bank.book(booking.reference, booking.account, -booking.amount) }
        }
        Bank.deposit.implement { booking in
            try await perform("deposit") { try await bank.book(booking.reference, booking.account, booking.amount) }
        }
        Bank.notify.implement { _ in try await perform("notify") {} }
        Bank.undoWithdrawal.implement { booking in
            try await perform("undoWithdrawal") { await bank.cancel(booking.reference) }
        }
        Bank.undoDeposit.implement { booking in
            try await perform("undoDeposit") { await bank.cancel(booking.reference) }
        }
    }

    private func perform(_ step: String, _ work: () async throws -> Void) async throws {
        calls.add(step)
        if step == self.step, !isDone { throw Outage(step: step) }
        try await work()
        if step == self.step { throw Outage(step: step) }
    }
}

/// Sends, and forgets to say so the first time for each recipient.
private struct ForgetfulMail: MailService {
    let mail: MemoryMail
    let keys: Calls<String>

    func send(_ text: String, to recipient: String, key: String) async throws {
        let isFirst = !keys.all.contains(key)
        keys.add(key)
        await mail.send(text, to: recipient, key: key)
        if isFirst { throw Outage(step: "notify") }
    }
}

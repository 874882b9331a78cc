import Reprise

/// What the workflow knows of banks.
enum Bank {
    static let withdraw = Activity<Booking, Void>("bank.withdraw")
    static let deposit = Activity<Booking, Void>("bank.deposit")
    static let notify = Activity<Notice, Void>("bank.notify", retry: .exponential(attempts: 3))

    // Money must not get stuck half-way: taking a booking back is tried until it succeeds.
    static let undoWithdrawal = Activity<Booking, Void>("bank.undoWithdrawal", retry: .exponential())
    static let undoDeposit = Activity<Booking, Void>("bank.undoDeposit", retry: .exponential())

    /// Money in or out. Two bookings of one reference are one.
    struct Booking: Codable, Sendable, Equatable {
        var reference: String
        var account: String
        var amount: Int
    }

    struct Notice: Codable, Sendable, Equatable {
        var recipients: [String]
        var text: String
    }

    enum Refusal: Error, Codable, Equatable {
        case unknownAccount(String)
        case insufficientFunds(String)
        case cancelled(reference: String)
    }
}

/// How banks are reached.
struct BankActivities: ActivityProvider {
    let bank: any BankService
    let mail: any MailService

    var activities: [ActivityRegistration] {
        Bank.withdraw.implement { booking in
            try await bank.book(booking.reference, booking.account, -booking.amount)
        }
        Bank.deposit.implement { booking in
            try await bank.book(booking.reference, booking.account, booking.amount)
        }
        Bank.undoWithdrawal.implement { booking in try await bank.cancel(booking.reference) }
        Bank.undoDeposit.implement { booking in try await bank.cancel(booking.reference) }
        Bank.notify.implement { notice, context in
            // The key is the same however often this call is run, so nobody gets a notice twice.
            for recipient in notice.recipients {
                try await mail.send(notice.text, to: recipient, key: "\(context.idempotencyKey) \(recipient)")
            }
        }
    }
}

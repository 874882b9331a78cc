/// A bank's interface.
protocol BankService: Sendable {
    /// Adds an amount to an account, or takes it if it is negative. A reference that is booked already changes nothing.
    func book(_ reference: String, _ account: String, _ amount: Int) async throws
    /// Takes a booking back, or sees to it that it won't be made if it hasn't been yet.
    func cancel(_ reference: String) async throws
}

/// A mail provider's interface.
protocol MailService: Sendable {
    /// Sends a text. A key that was used already sends nothing.
    func send(_ text: String, to recipient: String, key: String) async throws
}

/// A bank in memory.
actor MemoryBank: BankService {
    private(set) var balances: [String: Int]
    private var booked: [String: (account: String, amount: Int)] = [:]
    private var cancelled: Set<String> = []

    init(balances: [String: Int]) { self.balances = balances }

    func book(_ reference: String, _ account: String, _ amount: Int) throws {
        guard booked[reference] == nil else { return }
        guard !cancelled.contains(reference) else { throw Bank.Refusal.cancelled(reference: reference) }
        guard let balance = balances[account] else { throw Bank.Refusal.unknownAccount(account) }
        guard balance + amount >= 0 else { throw Bank.Refusal.insufficientFunds(account) }
        balances[account] = balance + amount
        booked[reference] = (account, amount)
    }

    func cancel(_ reference: String) {
        guard cancelled.insert(reference).inserted, let booking = booked[reference] else { return }
        booked[reference] = nil
        balances[booking.account, default: 0] -= booking.amount
    }
}

/// Mail in memory.
actor MemoryMail: MailService {
    private(set) var sent: [String] = []
    private var keys: Set<String> = []

    func send(_ text: String, to recipient: String, key: String) {
        guard keys.insert(key).inserted else { return }
        sent.append("\(recipient): \(text)")
    }
}

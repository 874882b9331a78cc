import Logging
import Reprise

let bank = MemoryBank(balances: ["ada": 100, "ben": 20])
let backend = InMemoryBackend()
let worker = try Worker(backend: backend, logger: Logger(label: "bank-transfer")) {
    BankTransfer.self
    BankActivities(bank: bank, mail: MemoryMail())
}
let working = Task { try await worker.run() }

let client = WorkflowClient(backend: backend)
for (number, recipient) in ["ben", "nobody"].enumerated() {
    let input = BankTransfer.Input(from: "ada", to: recipient, amount: 30)
    let transfer = try await client.start(BankTransfer.self, id: "transfer-\(number + 1)", input)
    do {
        try await transfer.result()
        print("30 from ada to \(recipient): done")
    } catch let failure as WorkflowFailure {
        print("30 from ada to \(recipient): undone, since \(failure.message)")
    }
    let balances = await bank.balances
    print("  ada has \(balances["ada"] ?? 0), ben has \(balances["ben"] ?? 0)")
}

working.cancel()

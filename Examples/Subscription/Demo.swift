import Foundation
import Reprise

/// Schedules a subscription, watches it from outside, and checks at the end that the books agree.
struct Demo {
    let backend: any Backend
    let ledger: any Ledger
    let input: Subscription.Input
    let id: String
    /// Whether the worker was to be killed on the way.
    var expectsCrash = false

    /// - Returns: whether everything is as it must be.
    func run() async throws -> Bool {
        let client = WorkflowClient(backend: backend)
        let subscription = try await client.start(
            Subscription.self, id: id, input, options: StartOptions(queue: "billing", version: "1"))
        print(
            "started subscription \(id.printable): \(input.totalAmount) in \(input.cycles) cycles of \(input.cycleSeconds) s\n"
        )
        try await watch(subscription)
        let output = try await subscription.result()
        print("\nresult: paid \(output.paid), overdue \(output.overdue)")
        return try await check(output, of: subscription.run)
    }

    /// Prints each variable when it changes, read by the debugger: the workflow does nothing for it.
    private func watch(_ subscription: WorkflowHandle<Subscription>) async throws {
        let debugger = WorkflowDebugger(backend: backend)
        var shown: [String: String] = [:]
        var last: RunDescription?
        while last?.state.isClosed != true {
            last = try await subscription.wait { [last] in $0 != last }
            for entry in try await debugger.variables(of: Subscription.self, id: id).entries
            where shown.updateValue(entry.json, forKey: entry.name) != entry.json {
                print("  \(entry.name.printable) = \(entry.json.printable)")
            }
        }
    }

    private func check(_ output: Subscription.Output, of run: RunID) async throws -> Bool {
        let writes = try await ledger.writes(for: id)
        let charged = try await ledger.charged(for: id)
        let outcomes = try await recordedOutcomes(of: run)
        let keys = Set(writes.map(\.key))
        print("ledger: \(writes.count) writes, \(keys.count) distinct keys, \(charged) charged")
        var checks = [
            ("paid + overdue = total", output.paid + output.overdue == input.totalAmount),
            ("paid = the ledger's distinct charges", output.paid == charged),
            ("each cycle has exactly one recorded outcome", outcomes == Array(repeating: 1, count: input.cycles)),
        ]
        if expectsCrash {
            let repeated = writes.filter { $0.delivery > 1 }
            for write in repeated {
                print("cycle \(write.cycle): \(write.delivery) attempts, after the worker was killed")
            }
            checks.append(("a cycle was attempted again after the crash", !repeated.isEmpty))
        }
        for (claim, holds) in checks { print("\(holds ? "✓" : "✗") \(claim)") }
        return checks.allSatisfy { $0.1 }
    }

    /// How many outcomes the history has for each activity, in the order of their scheduling.
    private func recordedOutcomes(of run: RunID) async throws -> [Int] {
        var outcomes: [Int: Int] = [:]
        var last = 0
        while true {
            let page = try await backend.history(of: run, after: last, limit: 100)
            guard let end = page.last else { break }
            last = end.number
            for entry in page where [.activityCompleted, .activityFailed].contains(entry.kind) {
                outcomes[entry.reference, default: 0] += 1
            }
        }
        return outcomes.sorted { $0.key < $1.key }.map(\.value)
    }
}

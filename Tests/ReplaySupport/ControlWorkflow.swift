import Foundation
package import Reprise

/// A workflow of races, timeouts, maps, shields, sagas, local activities and children, which may be cancelled at any time.
package final class ControlWorkflow: Workflow {
    package static let step = Activity<String, Int>("step")
    package static let poke = Signal<ControlWorkflow, Int>("poke")

    @Variable var trace: [String] = []
    package init() {}

    func note(_ text: String) { trace.append(text) }

    package func run(_ context: WorkflowContext) async throws -> [String] {
        do { try await work(context) } catch {
            note("ended by \(type(of: error))")
            try await context.withShield {
                let cleaned = try await context.map(["x", "y"]) { try await context.execute(Self.step, $0) }
                self.note("cleaned \(cleaned)")
            }
        }
        return trace
    }

    private func work(_ context: WorkflowContext) async throws {
        var random = context.random
        note("rolled \(Int.random(in: 0..<6, using: &random)) \(context.version("v", 1...3))")
        for round in 0..<2 {
            let winner = try await context.race(
                { "activity \(try await context.execute(Self.step, "race\(round)"))" },
                { "poke \(try await context.receive(Self.poke))" },
                {
                    try await context.sleep(for: .seconds(10))
                    return "timer"
                })
            note(winner)
        }
        do {
            try await context.withTimeout(.seconds(30)) {
                let squares = try await context.map(0..<5, maxConcurrent: 2) { item in
                    let local = try await context.executeLocally(Self.step, "local\(item)")
                    return try await context.execute(Self.step, "map\(item)") &+ local
                }
                self.note("mapped \(squares)")
            }
        } catch is TimedOut { note("timed out") }
        do {
            try await context.saga { saga in
                saga.compensate("one") { self.note("undid \(try await context.execute(Self.step, "undo1"))") }
                let child = context.startChild(ControlWorkflow.self, id: "child")
                saga.compensate("two") { self.note("undid \(try await context.execute(Self.step, "undo2"))") }
                self.note("child \(try await child.value)")
                throw Stop()
            }
        } catch is Stop { note("rolled back") }
    }

    private struct Stop: Error {}
}

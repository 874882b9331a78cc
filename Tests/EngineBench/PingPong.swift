import Reprise

/// Two tasks that wait for each other so often, all in one step.
final class PingPong: Workflow {
    private let rounds: Int
    private var isPing = true
    init(input: Int) { rounds = input }

    func run(_ context: WorkflowContext) async throws {
        _ = try await context.map([true, false]) { try await self.play($0, context) }
    }

    private func play(_ mine: Bool, _ context: WorkflowContext) async throws {
        for _ in 0..<rounds {
            try await context.wait(until: { self.isPing == mine })
            isPing.toggle()
        }
    }
}

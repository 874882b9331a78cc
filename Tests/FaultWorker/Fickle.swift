package import Reprise

/// A run that begins an activity again and again, and gives it up at a signal.
package final class Fickle: Workflow {
    package static let stop = Signal<Fickle, Int>("stop")
    private let input: Int

    package init(input: Int) { self.input = input }

    package func run(_ context: WorkflowContext) async throws -> Int {
        for index in 0..<input {
            let stopped = try await context.race(
                { try await context.receive(Self.stop) }, { try await context.execute(Activities.hang, index) })
            guard stopped == index else { return index }
        }
        return input
    }
}

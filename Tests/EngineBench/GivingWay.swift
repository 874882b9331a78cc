import Reprise

/// Gives way so often, all in one step.
final class GivingWay: Workflow {
    private let times: Int
    init(input: Int) { times = input }

    func run(_ context: WorkflowContext) async throws {
        for _ in 0..<times { await Task.yield() }
    }
}

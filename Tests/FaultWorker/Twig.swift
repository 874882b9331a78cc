import Reprise

/// A child of ``Load``: executes an activity, and continues as new once.
final class Twig: Workflow {
    struct Input: Codable, Sendable {
        var addend: Activities.Addend
        var isFirst = true
    }

    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        if input.isFirst { throw continueAsNew(with: Input(addend: input.addend, isFirst: false)) }
        return try await context.execute(Activities.add, input.addend)
    }
}

import Reprise

/// Like ``FanOutSum``, but each branch has two steps: its number is squared, then doubled.
///
/// A task group is the way to have branches of several steps. No branch waits for another: while one is still being
/// squared, the next may be doubled. When one throws, the group cancels the activities of the others.
final class FanOutInSteps: Workflow {
    struct Input: Codable, Sendable {
        var count: Int
    }

    private let input: Input

    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        try await withThrowingTaskGroup { group in
            for number in 1...input.count {
                group.addTask {
                    let square = try await context.execute(Numbers.square, number)
                    return try await context.execute(Numbers.double, square)
                }
            }
            return try await group.reduce(0, +)
        }
    }
}

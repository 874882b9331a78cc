import Reprise

/// Two random numbers, made at the same time, and their sum.
///
/// Workflow code is replayed, so it must not throw dice itself: it would throw others the next time. An activity does it,
/// and what came up is recorded.
final class SumOfTwoRandoms: Workflow {
    struct Output: Codable, Sendable, Equatable {
        var one: Int
        var two: Int
        var sum: Int
    }

    init() {}

    func run(_ context: WorkflowContext) async throws -> Output {
        // Both are under way before the first is waited for.
        let first = context.start(Dice.throwOne)
        let second = context.start(Dice.throwOne)
        let (one, two) = try await (first.value, second.value)
        return Output(one: one, two: two, sum: one + two)
    }
}

/// What the workflow knows of dice.
enum Dice {
    static let throwOne = Activity<Void, Int>("dice.throw")
}

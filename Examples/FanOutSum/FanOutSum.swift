import Reprise

/// Squares the numbers from 1 to `count`, all at the same time, and adds them up.
final class FanOutSum: Workflow {
    struct Input: Codable, Sendable {
        var count: Int
    }

    // What the debugger shows.
    @Variable var summed = 0
    private let input: Input

    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        // `start` doesn't wait: after this line all activities are under way.
        let squares = (1...input.count).map { context.start(Numbers.square, $0) }
        var sum = 0
        for square in squares {
            sum += try await square.value
            summed += 1
        }
        return sum
    }
}

/// What the workflows know of arithmetic.
enum Numbers {
    static let square = Activity<Int, Int>("numbers.square")
    static let double = Activity<Int, Int>("numbers.double")
}

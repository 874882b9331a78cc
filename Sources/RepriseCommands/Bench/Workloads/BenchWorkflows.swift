import Foundation
import Reprise

/// What goes into and comes out of the bench's workflows and activities: a small struct, as a program's own are.
struct BenchOrder: Codable, Sendable {
    var id: String
    var amount: Int
}

/// The activities of the bench's workflows.
enum BenchActivities {
    static let handle = Activity<BenchOrder, BenchOrder>("bench.handle")
    static let echo = Activity<String, String>("bench.echo")

    static var registrations: [ActivityRegistration] {
        [handle.implement { $0 }, echo.implement { $0 }]
    }
}

/// Calls activities one after the other.
final class BenchSequence: Workflow {
    struct Input: Codable, Sendable {
        var order: BenchOrder
        var activities: Int
    }

    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> BenchOrder {
        var order = input.order
        for _ in 0..<input.activities { order = try await context.execute(BenchActivities.handle, order) }
        return order
    }
}

/// Calls activities all at once, and adds up what they return.
final class BenchFanOut: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        let handles = (0..<input).map { context.start(BenchActivities.handle, BenchOrder(id: "part-\($0)", amount: 1)) }
        var sum = 0
        for handle in handles { sum += try await handle.value.amount }
        return sum
    }
}

/// Sleeps, and tells its probe when it begins and when it goes on.
final class BenchSleep: Workflow {
    private let seconds: Double
    init(input: Double) { seconds = input }

    func run(_ context: WorkflowContext) async throws {
        let due = context.now.addingTimeInterval(seconds)
        BenchProbe.shared.count()
        try await context.sleep(until: due)
        BenchProbe.shared.record(Date().timeIntervalSince(due))
    }
}

/// Takes signals until it has enough.
final class BenchSignals: Workflow {
    private var missing: Int
    init(input: Int) { missing = input }

    func run(_ context: WorkflowContext) async throws {
        try await context.wait(until: { self.missing == 0 })
    }

    func take(_ order: BenchOrder) {
        missing -= 1
        BenchProbe.shared.count()
    }
    static let take = Signal("take", BenchSignals.take)
    static var handlers: [Handler<BenchSignals>] { take }
}

/// Hands a large text through an activity.
final class BenchEcho: Workflow {
    private let text: String
    init(input: String) { text = input }

    func run(_ context: WorkflowContext) async throws -> String {
        try await context.execute(BenchActivities.echo, text)
    }
}

import ReplaySupport
import Reprise

/// What goes into activities and comes out of them.
struct Parcel: Codable, Sendable {
    var id: String
    var weight: Int
}

/// Calls activities one after the other.
final class Deliveries: Workflow {
    static let deliver = Activity<Parcel, Parcel>("deliver")

    private let count: Int
    init(input: Int) { count = input }

    func run(_ context: WorkflowContext) async throws -> Parcel {
        var parcel = Parcel(id: "parcel", weight: 100)
        for _ in 0..<count { parcel = try await context.execute(Self.deliver, parcel) }
        return parcel
    }

    /// A run of so many activities.
    static func finished(_ count: Int) throws -> ScriptedRun<Deliveries> {
        let run = try ScriptedRun(Deliveries.self, count)
        while run.outcome == nil, let operation = run.engine.openActivities.first {
            try run.complete(operation, Parcel(id: "parcel", weight: operation))
            run.turn()
        }
        guard run.outcome != nil else { throw EngineWork.Failure(message: "a run did not end") }
        return run
    }

    /// The turn that schedules the first activity.
    static func turn() throws -> Turn {
        let run = try ScriptedRun(Deliveries.self, 1)
        guard let entry = run.history.last(where: { !$0.isArrival }) else {
            throw EngineWork.Failure(message: "a run has no turn")
        }
        return try Turn(decoding: entry.payload)
    }
}

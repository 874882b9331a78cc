import Dispatch
package import Reprise
import NIOConcurrencyHelpers

/// A run that stops at a fail point, so that a test knows who holds it: in workflow code or in an activity.
package final class Held: Workflow {
    package struct Input: Codable, Sendable {
        package var point: String
        package var inActivity: Bool

        package init(point: String, inActivity: Bool) {
            self.point = point
            self.inActivity = inActivity
        }
    }

    private let input: Input
    package init(input: Input) { self.input = input }

    package func run(_ context: WorkflowContext) async throws -> String {
        if input.inActivity { return try await context.execute(Activities.hold, input.point) }
        FailPoint.holdThread(at: input.point)
        return "done"
    }
}

/// A run whose first turn in each process fails.
package final class Stumbling: Workflow {
    private static let hasStumbled = NIOLockedValueBox(false)
    package init() {}

    package func run(_ context: WorkflowContext) async throws {
        let isFirst = Self.hasStumbled.withLockedValue { hasStumbled in
            defer { hasStumbled = true }
            return !hasStumbled
        }
        // The engine finds out. (Not of a sleep that is over before it has begun to wait.)
        if isFirst { try? await Task.sleep(for: .milliseconds(100)) }
    }
}

/// A run that kills every worker: in workflow code or in an activity.
package final class Poison: Workflow {
    package struct Input: Codable, Sendable {
        package var inActivity: Bool
        /// How long the activity takes before.
        package var milliseconds: Int
        /// The activity's start-to-close timeout, if it is to be tried again without end.
        package var timeout: Int?

        package init(inActivity: Bool, after milliseconds: Int = 0, timeout: Int? = nil) {
            self.inActivity = inActivity
            self.milliseconds = milliseconds
            self.timeout = timeout
        }
    }

    private let input: Input
    package init(input: Input) { self.input = input }

    package func run(_ context: WorkflowContext) async throws {
        guard input.inActivity else { fatalError("workflow code traps") }
        let options = input.timeout.map { ActivityOptions(retry: .fixed(.zero), timeout: .milliseconds($0)) }
        try await context.execute(Activities.trap, input.milliseconds, options: options ?? .init())
    }
}

/// A run with an activity that takes a while.
package final class Neighbour: Workflow {
    package struct Input: Codable, Sendable {
        package var name: String
        package var milliseconds: Int

        package init(name: String, milliseconds: Int) {
            self.name = name
            self.milliseconds = milliseconds
        }
    }

    private let input: Input
    package init(input: Input) { self.input = input }

    package func run(_ context: WorkflowContext) async throws {
        try await context.execute(Activities.work, input)
    }
}

/// Fail points in workflow code, which is not to know of a store.
enum FailPoint {
    private static let store = NIOLockedValueBox<(store: FaultStore, worker: String)?>(nil)

    static func use(_ store: FaultStore, worker: String) { self.store.withLockedValue { $0 = (store, worker) } }

    /// Blocks the thread, as a computation would.
    static func holdThread(at point: String) {
        guard let (store, worker) = store.withLockedValue({ $0 }) else { return }
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            await store.hold(at: point, by: worker)
            done.signal()
        }
        done.wait()
    }
}

import Foundation
package import Reprise

/// A workflow that uses everything whose order could differ from one execution to the next.
package final class RichWorkflow: Workflow {
    package static let step = Activity<String, Int>("step")
    package static let release = Signal("release", RichWorkflow.release)
    package static let late = Signal("late", RichWorkflow.late)
    package static let early = Signal<RichWorkflow, Int>("early")
    package static var handlers: [Handler<RichWorkflow>] {
        release
        late
    }

    @Variable var trace: [String] = []
    @Variable var isReleased = false
    package init() {}

    func note(_ text: String) { trace.append(text) }

    package func run(_ context: WorkflowContext) async throws -> [String] {
        note("start")
        async let a = context.execute(Self.step, "a")
        async let b = Self.chain("b", context)
        async let c = Self.chain("c", context)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<4 {
                group.addTask {
                    // A group in a group.
                    try await withThrowingTaskGroup(of: Int.self) { inner in
                        for deep in 0..<2 {
                            inner.addTask { try await context.execute(Self.step, "g\(index).\(deep)") }
                        }
                        var sum = 0
                        for try await value in inner { sum = sum &* 3 &+ value }
                        return sum
                    }
                }
            }
            var sum = 0
            for try await value in group {
                note("joined \(value)")
                sum = sum &* 31 &+ value
            }
            return sum
        }
        note("sum \(sum)")
        // The handlers of `late` wait for the same: one signal makes all of them true.
        try await context.wait { self.isReleased }
        note("run goes on")
        // A sibling that throws cancels the others.
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await context.sleep(for: .seconds(60)) }
                group.addTask { try await context.execute(Self.step, "sibling") }
                group.addTask {
                    try await context.execute(Self.step, "thrower")
                    throw CancellationError()
                }
                while try await group.next() != nil {}
            }
        } catch { note("siblings \(type(of: error))") }
        note("early \(try await context.receive(Self.early)) \(try await context.receive(Self.early))")
        let total = try await a &+ b &+ c
        note("total \(total) at \(context.now.timeIntervalSince(context.startedAt) * 1000 >= 1)")
        return trace
    }

    private static func chain(_ name: String, _ context: WorkflowContext) async throws -> Int {
        var sum = 0
        for index in 0..<3 { sum &+= try await context.execute(step, "\(name)\(index)") }
        return sum
    }

    package func release() {
        isReleased = true
        note("released")
    }

    package func late(_ value: Int, _ context: WorkflowContext) async throws {
        note("late \(value)")
        try await context.wait { self.isReleased }
        note("late \(value) goes on")
        let result = try await context.execute(Self.step, "late\(value)")
        note("late \(value) = \(result)")
    }
}

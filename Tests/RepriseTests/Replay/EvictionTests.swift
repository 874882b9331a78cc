import Foundation
import ReplaySupport
import Synchronization
import Testing

@testable import Reprise

private let work = Activity<Int, Int>("work")

/// Suspends in every way there is, and compensates when it is cancelled.
private final class Suspended: Workflow {
    static let compensations = Mutex(0)
    static let never = Signal<Suspended, Int>("never")

    func run(_ context: WorkflowContext) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await context.execute(work, 1) }
                group.addTask { try await context.sleep(for: .seconds(60)) }
                group.addTask { _ = try await context.receive(Self.never) }
                group.addTask { _ = try await context.receive(Self.never, deadline: .distantFuture) }
                try await context.wait { false }
                try await group.waitForAll()
            }
        } catch {
            try await context.execute(work, 2)
            if error is CancellationError { Self.compensations.withLock { $0 += 1 } }
            throw error
        }
    }
}

/// Swallows every error and tries again.
private final class Stubborn: Workflow {
    func run(_ context: WorkflowContext) async throws {
        while true { try? await context.sleep(for: .seconds(60)) }
    }
}

/// The same with an activity, which fails before it suspends.
private final class StubbornCaller: Workflow {
    func run(_ context: WorkflowContext) async throws {
        while true { _ = try? await context.execute(work, 1) }
    }
}

/// The same with a signal.
private final class StubbornReceiver: Workflow {
    static let never = Signal<StubbornReceiver, Int>("never")
    func run(_ context: WorkflowContext) async throws {
        while true { _ = try? await context.receive(Self.never) }
    }
}

/// The same with a shield.
private final class StubbornShield: Workflow {
    func run(_ context: WorkflowContext) async throws {
        while true { try? await context.withShield { try await context.sleep(for: .seconds(60)) } }
    }
}

/// In a map, a race, a timeout and a shield at once, with something to undo.
private final class Nested: Workflow {
    static let compensations = Mutex(0)

    func run(_ context: WorkflowContext) async throws {
        try await context.saga { saga in
            saga.compensate("step") { Self.compensations.withLock { $0 += 1 } }
            _ = try await context.map([1, 2]) { item in
                try await context.withTimeout(.seconds(60)) {
                    try await context.race(
                        { _ = try await context.execute(work, item) },
                        { try await context.withShield { try await context.executeChild(Quick.self) } })
                }
            }
        }
    }
}

/// Suspended on something that is not the engine's when it is evicted.
private final class Elsewhere: Workflow {
    func run(_ context: WorkflowContext) async throws {
        async let one = context.execute(work, 1)
        try? await Task.sleep(for: .milliseconds(50))
        _ = try await one
    }
}

private final class Quick: Workflow {
    func run(_ context: WorkflowContext) async throws {}
}

private final class Weak<Object: AnyObject> {
    private(set) weak var object: Object?
    init(_ object: Object) { self.object = object }
}

@Suite(.serialized) struct EvictionTests {
    /// Starts a run, lets the engine go, and returns weak references to what must be gone.
    private func evicted<Target: Workflow>(
        _ type: Target.Type
    ) throws -> (engine: Weak<ReplayEngine>, workflow: Weak<Target>) where Target.Input == Void {
        let run = try ScriptedRun(type, ())
        let engine = Weak(run.engine)
        let workflow = Weak((run.engine.instance as! TypedWorkflowInstance<Target>).workflow)
        run.engine.evict()
        return (engine, workflow)
    }

    @Test func `An evicted run leaves nothing behind`() throws {
        let (engine, workflow) = try evicted(Suspended.self)
        #expect(engine.object == nil)
        #expect(workflow.object == nil)
    }

    @Test func `Eviction is not cancellation: nothing compensates and nothing is decided`() throws {
        let before = Suspended.compensations.withLock { $0 }
        let run = try ScriptedRun(Suspended.self, ())
        run.engine.evict()
        #expect(Suspended.compensations.withLock { $0 } == before)
        #expect(run.engine.log.decided.isEmpty)
    }

    @Test func `Evicted in a map, a race, a timeout and a shield, nothing is left, undone or decided`() throws {
        let (engine, workflow) = try evicted(Nested.self)
        #expect(engine.object == nil)
        #expect(workflow.object == nil)
        #expect(Nested.compensations.withLock { $0 } == 0)
    }

    @Test func `Code that swallows every error is given up, and counted`() throws {
        let before = ReplayEngine.tasksGivenUp.load(ordering: .relaxed)
        _ = try evicted(Stubborn.self)
        _ = try evicted(StubbornCaller.self)
        _ = try evicted(StubbornReceiver.self)
        _ = try evicted(StubbornShield.self)
        #expect(ReplayEngine.tasksGivenUp.load(ordering: .relaxed) == before + 4)
    }

    @Test func `A task that is suspended elsewhere ends when it comes back`() async throws {
        let (engine, workflow) = try evicted(Elsewhere.self)
        try await eventually { engine.object == nil && workflow.object == nil }
    }

    @Test func `A finished run leaves nothing behind`() throws {
        let (engine, workflow) = try evicted(Quick.self)
        #expect(engine.object == nil)
        #expect(workflow.object == nil)
    }
}

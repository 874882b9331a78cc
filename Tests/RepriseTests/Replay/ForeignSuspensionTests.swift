import Foundation
import ReplaySupport
import Synchronization
import Testing

@testable import Reprise

private let work = Activity<Int, Int>("work")

private final class Sleeper: Workflow {
    func run(_ context: WorkflowContext) async throws {
        try await Task.sleep(for: .seconds(1))
        try await context.execute(work, 1)
    }
}

private final class SleeperBeside: Workflow {
    func run(_ context: WorkflowContext) async throws {
        async let waiting = context.execute(work, 1)
        try await Task.sleep(for: .seconds(1))
        try await context.execute(work, 2)
        _ = try await waiting
    }
}

/// What calls from outside a workflow's tasks threw.
private let thrown = Mutex<[any Error]>([])

/// None of these may trap.
private func misuse(_ context: WorkflowContext) async {
    _ = context.now
    _ = context.startedAt
    context.setVariable("x", 1)
    do { try await context.sleep(for: .seconds(1)) } catch { thrown.withLock { $0.append(error) } }
    do { try await context.execute(work, 1) } catch { thrown.withLock { $0.append(error) } }
    do { try await context.wait { true } } catch { thrown.withLock { $0.append(error) } }
}

/// Uses its context from a task that is not the workflow's.
private final class Escaper: Workflow {
    func run(_ context: WorkflowContext) async throws {
        let escaped = Task.detached { await misuse(context) }
        try await context.sleep(for: .seconds(60))
        await escaped.value
    }
}

@Suite struct ForeignSuspensionTests {
    private func expectForeign<Target: Workflow>(_ run: ScriptedRun<Target>, _ fragment: String) throws {
        let failure = try #require(run.engine.failure)
        #expect(failure.kind == .foreignSuspension)
        #expect(failure.message.contains(fragment), "\(failure.message)")
        #expect(run.engine.draft(buildID: "") == nil, "nothing may be committed")
    }

    @Test func `A turn that ends with the workflow suspended on nothing of the engine's fails`() throws {
        let run = try ScriptedRun(Sleeper.self, ())
        try expectForeign(run, "suspended outside the engine")
    }

    @Test func `A task that comes back from elsewhere between two turns fails the next one`() async throws {
        let run = try ScriptedRun(SleeperBeside.self, ())
        #expect(run.engine.failure == nil, "something of the engine's is pending, so it can't be known yet")
        try await eventually { run.engine.executor.hasForeignJob }
        try run.complete(0, 1)
        run.turn()
        try expectForeign(run, "suspended outside the engine")
    }

    @Test func `A context used from a detached task throws, never traps, and fails the turn`() async throws {
        let run = try ScriptedRun(Escaper.self, ())
        try await eventually { thrown.withLock { $0.count } == 3 }
        #expect(thrown.withLock { $0.allSatisfy { $0 is WorkflowMisuse } })
        run.fire(0)
        run.turn()
        try expectForeign(run, "was called from outside the tasks of workflow Escaper")
    }
}

/// Waits for a condition that another task makes true.
func eventually(
    _ condition: () -> Bool, sourceLocation: Testing.SourceLocation = #_sourceLocation
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        try #require(ContinuousClock.now < deadline, "it did not become true", sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(1))
    }
}

import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let work = Activity<String, Int>("work")

private struct Boom: Error, Codable, Equatable { var code: Int }

/// A throwing sibling ends a pending activity, sleep, wait and receive.
private final class Siblings: Workflow {
    static let never = Signal<Siblings, Int>("never")
    @Variable var ended: [String] = []

    func run(_ context: WorkflowContext) async throws -> [String] {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await context.execute(work, "pending") }
            group.addTask { try await context.sleep(for: .seconds(60)) }
            group.addTask { try await context.wait(deadline: .distantFuture) { false } }
            group.addTask { _ = try await context.receive(Self.never, deadline: .distantFuture) }
            group.addTask {
                try await context.execute(work, "thrower")
                throw Boom(code: 7)
            }
            while let result = await group.nextResult() {
                if case .failure(let error) = result {
                    ended.append("\(type(of: error))")
                    group.cancelAll()
                }
            }
        }
        return ended
    }
}

/// An `async let` that nobody awaits is cancelled where its scope ends.
private final class Forgotten: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        do {
            async let _ = context.execute(work, "forgotten")
            try await context.execute(work, "awaited")
        }
        return "done"
    }
}

/// A cancelled task begins nothing.
private final class CancelledBefore: Workflow {
    func run(_ context: WorkflowContext) async throws -> [String] {
        try await withThrowingTaskGroup(of: String.self) { group in
            group.cancelAll()
            group.addTask {
                do { return "\(try await context.execute(work, "never"))" } catch { return "\(type(of: error))" }
            }
            group.addTask {
                do { try await context.sleep(for: .seconds(1)) } catch { return "\(type(of: error))" }
                return "slept"
            }
            var results: [String] = []
            for try await result in group { results.append(result) }
            return results
        }
    }
}

/// Two tasks wait for one activity, one of them with less patience.
private final class Shared: Workflow {
    func run(_ context: WorkflowContext) async throws -> [String] {
        let handle = context.start(work, "shared")
        return try await context.map([1, 60]) { seconds in
            do {
                return "\(try await context.withTimeout(.seconds(seconds)) { try await handle.value })"
            } catch { return "\(type(of: error))" }
        }
    }
}

@Suite struct CancellationTests {
    @Test func `A throwing sibling ends pending operations at once and records their cancellation`() throws {
        let run = try ScriptedRun(Siblings.self, ())
        #expect(
            run.commands.map(\.kind) == [.scheduleActivity, .startTimer, .startTimer, .startTimer, .scheduleActivity])
        try run.complete(4, 1)
        let commands = run.turn()
        #expect(try run.output() == ["Boom"] + Array(repeating: "CancellationError", count: 4))
        #expect(commands.dropLast().map(\.kind) == Array(repeating: .cancelOperation, count: 4))
        #expect(commands.dropLast().map(\.argument) == [0, 1, 2, 3])
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `A late completion of a cancelled operation says nothing, live and in replay`() throws {
        let run = try ScriptedRun(Forgotten.self, ())
        // `run` goes on before its child task begins: the awaited activity is operation 0. The arrival of the other one
        // is in the history before the turn that cancels it.
        try run.complete(0, 1)
        try run.complete(1, 2)
        run.turn()
        #expect(run.commands.map(\.kind) == [.scheduleActivity, .scheduleActivity, .cancelOperation, .complete])
        #expect(try run.output() == "done")
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `An activity that another task waits for, too, is not cancelled with the first`() throws {
        let run = try ScriptedRun(Shared.self, ())
        #expect(run.commands.map(\.kind) == [.scheduleActivity, .startTimer, .startTimer])
        run.fire(1)
        #expect(run.turn().isEmpty)
        try run.complete(0, 7)
        #expect(run.turn().map(\.kind) == [.cancelOperation, .complete])
        #expect(try run.output() == ["TimedOut", "7"])
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `It is cancelled with the last of them`() throws {
        let run = try ScriptedRun(Shared.self, ())
        run.fire(1)
        run.fire(2)
        let commands = run.turn()
        #expect(commands.map(\.kind) == [.cancelOperation, .complete])
        #expect(commands.first?.argument == 0)
        #expect(try run.output() == ["TimedOut", "TimedOut"])
    }

    @Test func `A cancelled task begins nothing`() throws {
        let run = try ScriptedRun(CancelledBefore.self, ())
        #expect(run.commands.map(\.kind) == [.complete])
        #expect(try run.output() == ["CancellationError", "CancellationError"])
    }

    @Test func `The commit of a turn that cancels takes the operations back`() throws {
        let run = try ScriptedRun(Siblings.self, ())
        run.engine.evict()
        let engine = ScriptedRun<Siblings>.makeEngine(run.codec, run.logger)
        defer { engine.evict() }
        try run.complete(4, 1)
        engine.load(run.history)
        engine.advance(committedThrough: run.committedThrough)
        let claim = WorkflowClaim(run: engine.run, epoch: 1, nonce: "n")
        let commit = try #require(engine.draft(buildID: "")).commit(claim: claim, queue: "default")
        #expect(commit.effects == [0, 1, 2, 3].map { .cancel(operation: $0) })
        #expect(commit.closing == .completed)
    }
}

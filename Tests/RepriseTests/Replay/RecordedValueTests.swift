import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let work = Activity<String, Int>("work")

/// Counts how often its side effect runs.
private final class Recording: Workflow {
    static let calls = Counter()
    @Variable var values: [String] = []

    func run(_ context: WorkflowContext) async throws -> String {
        let effect = try context.sideEffect { "effect \(Self.calls.next())" }
        var generator = context.random
        values = [effect, "\(Int.random(in: 0..<1_000_000, using: &generator))", context.uuid().uuidString]
        values.append("\(Int.random(in: 0..<1_000_000, using: &generator))")
        try await context.execute(work, effect)
        return values.joined(separator: " ")
    }
}

/// Draws a random number in a side effect, which a replay doesn't run.
private final class Drawing: Workflow {
    func run(_ context: WorkflowContext) async throws {
        var generator = context.random
        let drawn = try context.sideEffect { Int.random(in: 0..<10, using: &generator) }
        try await context.execute(work, "\(drawn) \(context.uuid())")
    }
}

/// Issues a command in a side effect.
private final class Issuing: Workflow {
    func run(_ context: WorkflowContext) async throws {
        let began = try context.sideEffect { "\(context.start(work, "inside").idempotencyKey) \(context.now)" }
        try await context.execute(work, began)
    }
}

private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    func next() -> Int {
        lock.withLock {
            count += 1; return count
        }
    }
    var value: Int { lock.withLock { count } }
}

private enum Orders {
    static let pay = Activity<String, Int>("pay")
    static let check = Activity<String, Int>("check")
}

// Three builds of one workflow: before a change, with both ways, and after the old way was removed.
private final class Before: Workflow {
    static let name = "Order"
    func run(_ context: WorkflowContext) async throws -> String {
        try await context.execute(Orders.pay, "p")
        try await context.execute(Orders.pay, "last")
        return "old"
    }
}

private final class Both: Workflow {
    static let name = "Order"
    func run(_ context: WorkflowContext) async throws -> String {
        var way = "old"
        if context.version("check", 1...2) == 2 {
            way = "new"
            try await context.execute(Orders.check, "c")
        }
        try await context.execute(Orders.pay, "p")
        try await context.execute(Orders.pay, "last")
        return "\(way) \(context.version("check", 1...2))"
    }
}

private final class After: Workflow {
    static let name = "Order"
    func run(_ context: WorkflowContext) async throws -> String {
        try await context.execute(Orders.check, "c")
        try await context.execute(Orders.pay, "p")
        try await context.execute(Orders.pay, "last")
        return "new 2"
    }
}

private final class TooNew: Workflow {
    static let name = "Order"
    func run(_ context: WorkflowContext) async throws -> String {
        _ = context.version("check", 3...4)
        try await context.execute(Orders.pay, "p")
        try await context.execute(Orders.pay, "last")
        return ""
    }
}

private final class OnlyNew: Workflow {
    static let name = "Order"
    func run(_ context: WorkflowContext) async throws -> String {
        _ = context.version("check", 2...2)
        try await context.execute(Orders.check, "c")
        return ""
    }
}

@Suite struct RecordedValueTests {
    @Test func `A side effect runs once, and random numbers and UUIDs are the same in every replay`() throws {
        let before = Recording.calls.value
        let run = try ScriptedRun(Recording.self, ())
        let variables = run.variables
        #expect(run.commands.map(\.kind) == [.sideEffect, .scheduleActivity])
        run.restart()
        #expect(run.engine.failure == nil)
        #expect(run.variables == variables)
        #expect(Recording.calls.value == before + 1)
        try run.complete(1, 0)
        run.turn()
        let output = try #require(try run.output(String.self)).split(separator: " ")
        #expect(output[2] != output[4])
        let uuid = try #require(UUID(uuidString: String(output[3])))
        #expect(uuid.uuid.6 >> 4 == 4)
        #expect(uuid.uuid.8 >> 6 == 2)
    }

    @Test func `A side effect that uses the context fails the turn, since a replay doesn't run it`() throws {
        for failure in [
            try ScriptedRun(Drawing.self, ()).engine.failure, try ScriptedRun(Issuing.self, ()).engine.failure,
        ] {
            #expect(failure?.kind == .misuse)
            #expect(failure?.message.contains("sideEffect") == true)
        }
    }

    @Test func `A new run takes the newest version, and keeps it`() throws {
        let run = try ScriptedRun(Both.self, ())
        #expect(run.commands.map(\.kind) == [.version, .scheduleActivity])
        run.restart()
        #expect(run.engine.failure == nil)
        try run.complete(1, 0)
        run.turn()
        try run.complete(2, 0)
        run.turn()
        try run.complete(3, 0)
        run.turn()
        #expect(try run.output() == "new 2")
    }

    @Test func `A run that went past the place before the change goes on in the old way`() throws {
        let run = try ScriptedRun(Before.self, ())
        try run.complete(0, 0)
        run.turn()
        let changed = try run.resumed(as: Both.self)
        defer { changed.evict() }
        #expect(changed.failure == nil)
        try run.complete(1, 0)
        changed.load(run.history)
        changed.advance(committedThrough: run.committedThrough)
        let draft = try #require(changed.draft(buildID: ""))
        #expect(draft.turn.commands.map(\.kind) == [.complete])
        #expect(draft.turn.commands.last.map { String(decoding: $0.payload, as: UTF8.self) } == #""old 1""#)
    }

    @Test func `A recorded version that the code no longer asks for is tolerated`() throws {
        let run = try ScriptedRun(Both.self, ())
        try run.complete(1, 0)
        run.turn()
        #expect(run.replay(as: After.self) == nil)
        #expect(run.replay(as: Before.self)?.kind == .divergence)
    }

    @Test func `A version that this build doesn't have stops the run, and says which it needs`() throws {
        let run = try ScriptedRun(Both.self, ())
        let failure = try #require(run.replay(as: TooNew.self))
        #expect(failure.kind == .divergence)
        #expect(failure.message.contains("version 2"))
        #expect(failure.message.contains("3...4"))
        #expect(failure.message.contains("RecordedValueTests.swift:"))
    }

    @Test func `A run of a newer build says to an older one which version it took`() throws {
        let run = try ScriptedRun(Both.self, ())
        let message = try #require(run.replay(as: Before.self)).message
        #expect(message.contains("took version 2 of “check” at RepriseTests/RecordedValueTests.swift:"))
        #expect(!message.contains("change-"))
    }

    @Test func `A build without the old way says that a run from before the change needs it`() throws {
        let run = try ScriptedRun(Before.self, ())
        let failure = try #require(run.replay(as: OnlyNew.self))
        #expect(failure.message.contains("took version 1 of “check”"))
    }

    @Test func `A divergence names both commands, both lines, and the line to add`() throws {
        let run = try ScriptedRun(Before.self, ())
        try run.complete(0, 0)
        run.turn()
        let message = try #require(run.replay(as: After.self)).message
        #expect(message.contains("activity pay at RepriseTests/RecordedValueTests.swift:"))
        #expect(message.contains("activity check at RepriseTests/RecordedValueTests.swift:"))
        #expect(message.contains("if context.version(\"change-0\", 1...2) == 2 {"))
    }
}

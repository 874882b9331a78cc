import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let work = Activity<String, Int>("work")

/// Gives up on an activity after ten seconds.
private final class Patient: Workflow {
    @Variable var seen: [String] = []

    func run(_ context: WorkflowContext) async throws -> String {
        do {
            let value = try await context.withTimeout(.seconds(10)) {
                self.seen.append("began")
                return try await context.execute(work, "slow")
            }
            return "got \(value)"
        } catch let timeout as TimedOut {
            return "\(timeout.timeout) over"
        }
    }
}

/// What a body returns or throws although its time is over.
private final class Stubborn: Workflow {
    func run(_ context: WorkflowContext) async throws -> [String] {
        let value = try await context.withTimeout(.seconds(1)) {
            do { return "\(try await context.execute(work, "a"))" } catch { return "fallback" }
        }
        do {
            try await context.withTimeout(.seconds(1)) {
                do { try await context.execute(work, "b") } catch { throw Broken() }
            }
        } catch is Broken {
            return [value, "broken"]
        }
        return []
    }

    struct Broken: Error {}
}

/// A timeout in a timeout.
private final class Nested: Workflow {
    func run(_ context: WorkflowContext) async throws -> [String] {
        var seen: [String] = []
        do {
            try await context.withTimeout(.seconds(60)) {
                do {
                    try await context.withTimeout(.seconds(10)) { try await context.execute(work, "inner") }
                } catch let timeout as TimedOut {
                    seen.append("inner \(timeout.timeout)")
                }
                try await context.execute(work, "outer")
            }
        } catch let timeout as TimedOut {
            seen.append("outer \(timeout.timeout)")
        }
        return seen
    }
}

/// What is waited for inside is anything.
private final class Anything: Workflow {
    static let go = Signal<Anything, Int>("go")

    func run(_ context: WorkflowContext) async throws -> Int {
        var over = 0
        do { try await context.withTimeout(.seconds(1)) { try await context.wait { false } } } catch is TimedOut {
            over += 1
        }
        do {
            _ = try await context.withTimeout(.seconds(1)) { try await context.receive(Self.go) }
        } catch is TimedOut { over += 1 }
        do {
            try await context.withTimeout(.seconds(1)) {
                async let one = context.execute(work, "one")
                async let two = context.execute(work, "two")
                _ = try await (one, two)
            }
        } catch is TimedOut { over += 1 }
        return over
    }
}

@Suite struct TimeoutTests {
    @Test func `What ends in time ends the timer, too`() throws {
        let run = try ScriptedRun(Patient.self, ())
        #expect(run.commands.map(\.kind) == [.startTimer, .scheduleActivity])
        try run.complete(1, 7)
        #expect(run.turn().map(\.kind) == [.cancelOperation, .complete])
        #expect(try run.output() == "got 7")
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `What doesn't is cancelled, and the timeout is thrown`() throws {
        let run = try ScriptedRun(Patient.self, ())
        run.fire(0)
        let commands = run.turn()
        #expect(commands.map(\.kind) == [.cancelOperation, .complete])
        #expect(commands.first?.argument == 1)
        #expect(try run.output() == "10.0 seconds over")
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `A result or another error counts although it comes after the time is over`() throws {
        let run = try ScriptedRun(Stubborn.self, ())
        run.fire(0)
        run.turn()
        let second = try #require(run.commands.lastIndex { $0.kind == .startTimer })
        run.fire(second)
        run.turn()
        #expect(try run.output() == ["fallback", "broken"])
    }

    @Test func `An inner timeout leaves the outer one running`() throws {
        let run = try ScriptedRun(Nested.self, ())
        #expect(run.commands.map(\.kind) == [.startTimer, .startTimer, .scheduleActivity])
        run.fire(1)
        run.turn()
        run.fire(0)
        run.turn()
        #expect(try run.output() == ["inner 10.0 seconds", "outer 60.0 seconds"])
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `An outer timeout ends the inner one with it`() throws {
        let run = try ScriptedRun(Nested.self, ())
        run.fire(0)
        let commands = run.turn()
        // The activity and the inner timer are taken back.
        #expect(commands.filter { $0.kind == .cancelOperation }.map(\.argument) == [2, 1])
        #expect(try run.output() == ["outer 60.0 seconds"])
    }

    @Test func `Conditions, signals and child tasks can be given up on`() throws {
        let run = try ScriptedRun(Anything.self, ())
        for _ in 0..<3 {
            let timer = try #require(run.commands.lastIndex { $0.kind == .startTimer })
            run.fire(timer)
            run.turn()
        }
        #expect(try run.output() == 3)
        let open = Set(run.commands.indices.filter { run.commands[$0].kind == .scheduleActivity }.map(Int64.init))
        #expect(open.count == 2)
        #expect(open.isSubset(of: run.commands.filter { $0.kind == .cancelOperation }.compactMap(\.argument)))
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `A body that suspends outside the engine is found`() throws {
        final class Foreign: Workflow {
            func run(_ context: WorkflowContext) async throws {
                try await context.withTimeout(.seconds(10)) { try await Task.sleep(for: .seconds(1)) }
            }
        }
        let run = try ScriptedRun(Foreign.self, ())
        #expect(run.engine.failure?.kind == .foreignSuspension)
    }

    @Test func `The line of the last call to the context is known`() throws {
        let run = try ScriptedRun(Patient.self, ())
        #expect(run.engine.lastCall?.contains("RepriseTests/TimeoutTests.swift:") == true)
    }
}

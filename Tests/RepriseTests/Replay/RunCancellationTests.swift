import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let work = Activity<String, Int>("work")

private struct Boom: Error, Codable, Equatable {}

/// Cleans up under a shield when it is cancelled.
private final class Guarded: Workflow {
    @Variable var reason = ""

    func run(_ context: WorkflowContext) async throws {
        do {
            try await context.sleep(for: .days(30))
        } catch is CancellationError {
            reason = context.cancellationReason ?? "none"
            try await context.withShield {
                try await context.execute(work, "release")
                // In a shield everything works as ever: child tasks, timers, races.
                async let one = context.execute(work, "one")
                _ = try await context.withTimeout(.seconds(5)) { try await context.execute(work, "two") }
                _ = try await one
            }
            throw CancellationError()
        }
    }
}

/// Doesn't care.
private final class Deaf: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        try? await context.sleep(for: .days(30))
        return "done anyway"
    }
}

/// A handler that is under way when the run is cancelled.
private final class Handling: Workflow {
    static let begin = Signal("begin", Handling.begin)
    static var handlers: [Handler<Handling>] { begin }
    @Variable var handler = ""

    func begin(_ context: WorkflowContext) async throws {
        do { try await context.sleep(for: .seconds(5)) } catch { handler = "cancelled" }
    }

    func run(_ context: WorkflowContext) async throws {
        try await context.wait { false }
    }
}

/// A handler lets the cancellation pass while `run` cleans up.
private final class Cleaning: Workflow {
    static let begin = Signal("begin", Cleaning.begin)
    static var handlers: [Handler<Cleaning>] { begin }

    func begin(_ context: WorkflowContext) async throws { try await context.sleep(for: .seconds(5)) }

    func run(_ context: WorkflowContext) async throws {
        do { try await context.wait { false } } catch is CancellationError {
            try await context.withShield { try await context.execute(work, "clean up") }
            throw CancellationError()
        }
    }
}

private final class Trip: Workflow {
    @Variable var undone: [String] = []

    func run(_ context: WorkflowContext) async throws -> String {
        try await context.saga { saga in
            let flight = try await context.execute(work, "flight")
            saga.compensate("flight") {
                self.undone.append("flight \(try await context.execute(work, "cancel flight \(flight)"))")
            }
            let hotel = try await context.execute(work, "hotel")
            saga.compensate("hotel") {
                self.undone.append("hotel \(try await context.execute(work, "cancel hotel \(hotel)"))")
            }
            try await context.execute(work, "pay")
        }
        return "booked"
    }
}

@Suite struct RunCancellationTests {
    @Test func `A run that was terminated while its history was read is no failure of its turn`() throws {
        let run = try ScriptedRun(Deaf.self, ())
        run.arrive(.terminated, payload: Array("enough".utf8))
        #expect(run.turn().isEmpty)
        #expect(run.engine.failure == nil)
    }

    @Test func `A cancelled run cleans up under a shield and ends as cancelled, with the reason`() throws {
        let run = try ScriptedRun(Guarded.self, ())
        run.cancel("no money")
        #expect(run.turn().map(\.kind) == [.cancelOperation, .scheduleActivity])
        try run.complete(2, 0)
        #expect(run.turn().map(\.kind) == [.startTimer, .scheduleActivity, .scheduleActivity])
        for activity in run.engine.openActivities { try run.complete(activity, 1) }
        run.turn()
        #expect(run.outcome == .cancelled(reason: "no money"))
        #expect(run.variables.contains("no money"))
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `A run that doesn't care goes on to its end`() throws {
        let run = try ScriptedRun(Deaf.self, ())
        run.cancel("stop")
        run.turn()
        #expect(try run.output() == "done anyway")
    }

    @Test func `A handler under way is cancelled, too`() throws {
        let run = try ScriptedRun(Handling.self, ())
        try run.signal(Handling.begin, ())
        run.turn()
        run.cancel("stop")
        run.turn()
        #expect(run.variables.contains(#""cancelled""#))
        #expect(run.outcome == .cancelled(reason: "stop"))
    }

    @Test func `A handler that lets the cancellation pass doesn't end a run that cleans up`() throws {
        let run = try ScriptedRun(Cleaning.self, ())
        try run.signal(Cleaning.begin, ())
        run.turn()
        run.cancel("stop")
        #expect(run.turn().map(\.kind) == [.cancelOperation, .scheduleActivity])
        #expect(run.outcome == nil)
        let open = try #require(run.engine.openActivities.first)
        try run.complete(open, 1)
        run.turn()
        #expect(run.outcome == .cancelled(reason: "stop"))
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `A CancellationError of a run that nobody cancelled is a failure`() throws {
        final class Odd: Workflow {
            func run(_ context: WorkflowContext) async throws { throw CancellationError() }
        }
        guard case .failed(let failure) = try ScriptedRun(Odd.self, ()).outcome else {
            Issue.record("it did not fail")
            return
        }
        #expect(failure.type == "CancellationError")
    }

    @Test func `A failing step is undone in reverse order, and its error is thrown`() throws {
        let run = try ScriptedRun(Trip.self, ())
        try run.complete(0, 11)
        run.turn()
        try run.complete(1, 22)
        run.turn()
        run.fail(2, "card declined")
        run.turn()
        #expect(run.engine.openActivities == [3])
        try run.complete(3, 1)
        run.turn()
        try run.complete(4, 2)
        run.turn()
        #expect(run.variables.contains(#"["hotel 1","flight 2"]"#))
        guard case .failed(let failure) = run.outcome else { return _ = Issue.record("it did not fail") }
        #expect(failure.type == "ActivityFailure")
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `A failing compensation is reported, and the rest still run`() throws {
        let run = try ScriptedRun(Trip.self, ())
        try run.complete(0, 11)
        run.turn()
        try run.complete(1, 22)
        run.turn()
        run.fail(2, "card declined")
        run.turn()
        run.fail(3, "hotel closed")
        run.turn()
        try run.complete(4, 2)
        run.turn()
        #expect(run.variables.contains(#"["flight 2"]"#))
        guard case .failed(let failure) = run.outcome else { return _ = Issue.record("it did not fail") }
        #expect(failure.type == "SagaFailure")
        #expect(failure.message.contains("card declined"))
        #expect(failure.message.contains("hotel closed"))
    }

    @Test func `Compensations are shielded from the cancellation that makes them run`() throws {
        let run = try ScriptedRun(Trip.self, ())
        try run.complete(0, 11)
        run.turn()
        run.cancel("changed my mind")
        #expect(run.turn().map(\.kind) == [.cancelOperation, .scheduleActivity])
        try run.complete(3, 1)
        run.turn()
        #expect(run.outcome == .cancelled(reason: "changed my mind"))
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `An eviction compensates nothing`() throws {
        let run = try ScriptedRun(Trip.self, ())
        try run.complete(0, 11)
        run.turn()
        let before = run.commands.count
        run.restart()
        #expect(run.commands.count == before)
        try run.complete(1, 22)
        #expect(run.turn().map(\.kind) == [.scheduleActivity])
    }
}

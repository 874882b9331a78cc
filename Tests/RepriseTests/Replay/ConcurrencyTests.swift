import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let work = Activity<String, Int>("work")

private struct Boom: Error, Codable, Equatable {}

/// An activity, a signal and a timer race.
private final class Race: Workflow {
    static let answered = Signal<Race, String>("answered")
    @Variable var losers: [String] = []

    func run(_ context: WorkflowContext) async throws -> String {
        try await context.race(
            { try await self.notingLoss("activity") { "\(try await context.execute(work, "a"))" } },
            { try await self.notingLoss("signal") { try await context.receive(Self.answered) } },
            {
                try await self.notingLoss("timer") {
                    try await context.sleep(for: .seconds(60))
                    return "expired"
                }
            })
    }

    private func notingLoss(_ name: String, _ body: () async throws -> String) async throws -> String {
        do { return try await body() } catch is CancellationError {
            losers.append(name)
            throw CancellationError()
        }
    }
}

private final class Mapping: Workflow {
    struct Input: Codable, Sendable { var items: [String]; var width: Int? }
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> [Int] {
        try await context.map(input.items, maxConcurrent: input.width ?? .max) { item in
            try await context.execute(work, item)
        }
    }
}

/// A racer and a mapped item that throw.
private final class Failing: Workflow {
    func run(_ context: WorkflowContext) async throws -> [String] {
        var seen: [String] = []
        do {
            _ = try await context.race(
                { try await context.execute(work, "thrower") }, { try await context.execute(work, "other") })
        } catch let failure as ActivityFailure { seen.append("race: \(failure.message)") }
        do {
            _ = try await context.map(["x", "y", "z"], maxConcurrent: 2) { try await context.execute(work, $0) }
        } catch let failure as ActivityFailure { seen.append("map: \(failure.message)") }
        return seen
    }
}

@Suite struct ConcurrencyTests {
    @Test func `The first of a race wins, the others are cancelled, and their timers are taken back`() throws {
        let run = try ScriptedRun(Race.self, ())
        #expect(run.commands.map(\.kind) == [.scheduleActivity, .startTimer])
        try run.signal(Race.answered, "yes")
        let commands = run.turn()
        #expect(commands.filter { $0.kind == .cancelOperation }.map(\.argument) == [0, 1])
        #expect(try run.output() == "yes")
        #expect(run.variables.contains(#"["activity","timer"]"#))
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `Of two that end at one event the earlier one wins, in replay too`() throws {
        let run = try ScriptedRun(Race.self, ())
        run.fire(1)
        try run.complete(0, 5)
        run.turn()
        #expect(try run.output() == "expired")
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `An error of the first ends a race and a map, and what is under way is cancelled`() throws {
        let run = try ScriptedRun(Failing.self, ())
        run.fail(0, "first")
        #expect(run.turn().map(\.kind) == [.cancelOperation, .scheduleActivity, .scheduleActivity])
        run.fail(3, "second")
        let commands = run.turn()
        #expect(commands.map(\.kind) == [.cancelOperation, .complete])
        #expect(commands.first?.argument == 4)
        #expect(try run.output() == ["race: first", "map: second"])
    }

    @Test func `A map keeps the order of its items whatever the order of the results`() throws {
        let run = try ScriptedRun(Mapping.self, .init(items: ["a", "b", "c"], width: nil))
        #expect(run.commands.map(\.kind) == Array(repeating: .scheduleActivity, count: 3))
        for (operation, value) in [(2, 30), (0, 10), (1, 20)] { try run.complete(operation, value) }
        run.turn()
        #expect(try run.output() == [10, 20, 30])
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `A map has no more under way than it may`() throws {
        let run = try ScriptedRun(Mapping.self, .init(items: (0..<20).map(String.init), width: 3))
        var done = 0
        while run.outcome == nil || run.commands.last?.kind != .complete {
            let open = run.engine.openActivities
            #expect(open.count == min(3, 20 - done))
            try run.complete(open.last!, done)
            run.turn()
            done += 1
        }
        #expect(done == 20)
        #expect(try run.output([Int].self)?.count == 20)
    }

    @Test func `A map of nothing is nothing, and a width below one is one`() throws {
        let nothing = try ScriptedRun(Mapping.self, .init(items: [], width: 2))
        #expect(try nothing.output() == [Int]())
        let narrow = try ScriptedRun(Mapping.self, .init(items: ["a", "b"], width: 0))
        #expect(narrow.engine.openActivities.count == 1)
    }

    @Test func `A map over ten thousand items begins them all in one turn`() throws {
        let run = try ScriptedRun(Mapping.self, .init(items: (0..<10_000).map(String.init), width: nil))
        #expect(run.engine.openActivities.count == 10_000)
        for operation in 0..<10_000 { try run.complete(operation, operation) }
        run.turn()
        #expect(try run.output() == Array(0..<10_000))
    }
}

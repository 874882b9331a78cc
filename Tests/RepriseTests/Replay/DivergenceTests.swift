import Foundation
import ReplaySupport
import Testing

@testable import Reprise

/// The workflow whose history the tests have, and changed builds of it. All have the name `plan`.
private enum Plan {
    static let first = Activity<String, Int>("first")
    static let second = Activity<String, Int>("second")
    static let renamed = Activity<String, Int>("renamed")
    static let retyped = Activity<Int, Int>("first")

    final class Original: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.execute(Plan.first, "a")
            try await context.sleep(for: .seconds(60))
            try await context.execute(Plan.second, "b")
        }
    }

    final class Renamed: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.execute(Plan.renamed, "a")
        }
    }

    final class Removed: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.sleep(for: .seconds(60))
            try await context.execute(Plan.second, "b")
        }
    }

    final class RemovedAll: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {}
    }

    final class RemovedByWaiting: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws { try await context.wait { false } }
    }

    final class Added: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.execute(Plan.first, "a")
            let extra = context.start(Plan.second, "extra")
            try await context.sleep(for: .seconds(60))
            try await context.execute(Plan.second, "b")
            _ = try await extra.value
        }
    }

    final class AddedBeside: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            async let extra = context.execute(Plan.second, "extra")
            try await context.execute(Plan.first, "a")
            _ = try await extra
        }
    }

    final class Reordered: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.execute(Plan.second, "b")
            try await context.sleep(for: .seconds(60))
            try await context.execute(Plan.first, "a")
        }
    }

    final class Retyped: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.execute(Plan.retyped, 1)
        }
    }

    final class OtherInput: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.execute(Plan.first, "z")
        }
    }

    final class OtherTimer: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.execute(Plan.first, "a")
            try await context.sleep(for: .seconds(61))
            try await context.execute(Plan.second, "b")
        }
    }

    final class OtherOptions: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws {
            try await context.execute(
                Plan.first, "a", options: .init(retry: .exponential(), timeout: .seconds(1), queue: "other"))
            try await context.sleep(for: .seconds(60))
            try await context.execute(Plan.second, "b")
        }
    }
}

@Suite struct DivergenceTests {
    /// A history in which the original has scheduled its second activity.
    private func history() throws -> ScriptedRun<Plan.Original> {
        let run = try ScriptedRun(Plan.Original.self, ())
        try run.complete(0, 1)
        run.turn()
        run.fire(1)
        run.turn()
        #expect(run.commands.map(\.kind) == [.scheduleActivity, .startTimer, .scheduleActivity])
        return run
    }

    private func expectDivergence<Other: Workflow>(
        _ type: Other.Type, _ fragments: String..., sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        let failure = try #require(try history().replay(as: type), sourceLocation: sourceLocation)
        #expect(failure.kind == .divergence, sourceLocation: sourceLocation)
        for fragment in fragments {
            #expect(failure.message.contains(fragment), "\(failure.message)", sourceLocation: sourceLocation)
        }
    }

    @Test func `The unchanged workflow replays`() throws {
        #expect(try history().replay(as: Plan.Original.self) == nil)
    }

    @Test func `Changed options of a call are no divergence`() throws {
        #expect(try history().replay(as: Plan.OtherOptions.self) == nil)
    }

    @Test func `A renamed step names both steps with file and line`() throws {
        try expectDivergence(
            Plan.Renamed.self, "command 0", "the history has activity first at RepriseTests/DivergenceTests.swift:1",
            "the code issues activity renamed at RepriseTests/DivergenceTests.swift:2")
    }

    @Test func `A removed step is a divergence, not a second execution`() throws {
        try expectDivergence(Plan.Removed.self, "the history has activity first", "the code issues a timer until 20")
        try expectDivergence(Plan.RemovedAll.self, "the history has activity first", "the workflow's return")
        try expectDivergence(Plan.RemovedByWaiting.self, "activity first", "the code issues no command")
    }

    @Test func `An added step is a divergence`() throws {
        try expectDivergence(Plan.Added.self, "command 1", "the history has a timer", "activity second")
        try expectDivergence(Plan.AddedBeside.self, "command 1", "the history has no command there", "activity second")
    }

    @Test func `A reordered step is a divergence`() throws {
        try expectDivergence(Plan.Reordered.self, "activity first", "activity second")
    }

    @Test func `A step with another type or input is a divergence and shows both inputs`() throws {
        try expectDivergence(Plan.Retyped.self, "recorded \"a\", now 1")
        try expectDivergence(Plan.OtherInput.self, "recorded \"a\", now \"z\"")
    }

    @Test func `A changed timer is a divergence and shows both times`() throws {
        try expectDivergence(
            Plan.OtherTimer.self, "command 1", "a timer until 2023-11-14T22:14:20.003Z", "22:14:21.003Z")
    }

    @Test func `A diverged engine decides nothing and throws from every later call`() throws {
        let run = try history()
        let engine = ScriptedRun<Plan.Renamed>.makeEngine(run.codec, run.logger)
        engine.replay(run.history, committedThrough: run.committedThrough)
        engine.advance(committedThrough: run.committedThrough)
        #expect(engine.draft(buildID: "") == nil)
        engine.evict()
    }
}

@Suite struct FingerprintTests {
    struct Shop: Codable, Sendable, Equatable {
        var prices: [String: Int]
        var tags: Set<String>
    }

    final class Shopping: Workflow {
        static let buy = Activity<Shop, Int>("buy")
        func run(_ context: WorkflowContext) async throws -> Int {
            // Built in another order each time: equal, with other hash tables.
            var shop = Shop(prices: [:], tags: [])
            for index in (0..<40).shuffled() {
                shop.prices["key\(index)"] = index
                shop.tags.insert("tag\(index)")
            }
            return try await context.execute(Self.buy, shop)
        }
    }

    /// Like encryption with a fresh nonce: the same value never gives the same bytes.
    struct Randomising: DataConverter {
        func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
            try (0..<8).map { _ in UInt8.random(in: 0...255) } + JSONDataConverter().encode(value)
        }

        func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
            try JSONDataConverter().decode(type, from: Array(bytes.dropFirst(8)))
        }
    }

    @Test(arguments: 1...20)
    func `Dictionaries and sets in an input cause no false divergence`(_ attempt: Int) throws {
        let run = try ScriptedRun(Shopping.self, ())
        try run.complete(0, 7)
        run.turn()
        run.restart()
        #expect(run.engine.failure == nil)
        #expect(try run.output(Int.self) == 7)
    }

    @Test func `A converter that randomises its bytes causes no false divergence`() throws {
        let run = try ScriptedRun(Shopping.self, (), converter: Randomising())
        try run.complete(0, 7)
        run.turn()
        run.restart()
        #expect(run.engine.failure == nil)
        #expect(try run.output(Int.self) == 7)
    }
}

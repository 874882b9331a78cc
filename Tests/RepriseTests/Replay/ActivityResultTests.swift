import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let typed = Activity<String, [Int]>("typed")
private let ping = Activity<Void, Void>("ping")

private struct Declined: Error, Codable, Equatable { var code: Int }

private final class Caller: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        try await context.execute(ping)
        let one = context.start(typed, "one")
        let two = context.start(typed, "two")
        do {
            let sum = try await one.value + two.value
            return "\(sum) \(try await one.value)"
        } catch let failure as ActivityFailure {
            return "\(failure.activity) \(failure.type) \(failure.message) \(failure.attempts) "
                + "\(failure.details(as: Declined.self)?.code ?? -1)"
        }
    }
}

private final class Thrower: Workflow {
    func run(_ context: WorkflowContext) async throws {
        try await context.execute(ping)
        throw Declined(code: 3)
    }
}

private final class TooLarge: Workflow {
    func run(_ context: WorkflowContext) async throws {
        _ = try? await context.execute(typed, String(repeating: "x", count: 3 << 20))
    }
}

@Suite struct ActivityResultTests {
    @Test func `Parallel activities are scheduled together and awaited in any order`() throws {
        let run = try ScriptedRun(Caller.self, ())
        run.arrive(.activityCompleted, 0)
        #expect(run.turn().map(\.name) == ["typed", "typed"])
        try run.complete(2, [2])
        #expect(run.turn().isEmpty)
        try run.complete(1, [1])
        run.turn()
        #expect(try run.output() == "[1, 2] [1]")
    }

    @Test func `A failed activity is thrown with type, message, attempts and typed details`() throws {
        let run = try ScriptedRun(Caller.self, ())
        run.arrive(.activityCompleted, 0)
        run.turn()
        var record = run.codec.record(of: Declined(code: 7))
        record.attempts = 3
        run.arrive(.activityFailed, 1, payload: record.encoded())
        run.turn()
        #expect(try run.output() == "typed Declined Declined(code: 7) 3 7")
    }

    @Test func `An error thrown out of run fails the run with its type and details`() throws {
        let run = try ScriptedRun(Thrower.self, ())
        run.arrive(.activityCompleted, 0)
        run.turn()
        guard case .failed(let record) = run.outcome else { throw Declined(code: 0) }
        let failure = WorkflowFailure(run: run.engine.run, record: record, converter: JSONDataConverter())
        #expect(failure.type == "Declined")
        #expect(failure.details(as: Declined.self) == Declined(code: 3))
    }

    @Test func `A result that doesn't decode fails the turn, not the run, and names activity, field and bytes`() throws
    {
        let run = try ScriptedRun(Caller.self, ())
        run.arrive(.activityCompleted, 0)
        run.turn()
        run.arrive(.activityCompleted, 1, payload: Array("[\"a\"]".utf8))
        try run.complete(2, [2])
        run.turn()
        let failure = try #require(run.engine.failure)
        #expect(failure.kind == .payload)
        for fragment in ["workflow Caller", "activity typed", "field [0]", "[\"a\"]"] {
            #expect(failure.message.contains(fragment), "\(failure.message)")
        }
        #expect(run.outcome == nil)
    }

    @Test func `An input that doesn't decode fails the turn and names the field`() throws {
        let run = try ScriptedRun(Thrower.self, ())
        run.engine.evict()
        let failure = try #require(throws: PayloadError.self) {
            _ = try TypedWorkflowInstance<NeedsInput>(input: Array("{\"count\":\"x\"}".utf8), codec: run.codec)
        }
        for fragment in ["the input of workflow NeedsInput", "field count", "{\"count\":\"x\"}"] {
            #expect(failure.message.contains(fragment), "\(failure.message)")
        }
        #expect(!failure.message.contains(".."))
    }

    @Test func `An input over the limit fails the turn and names the limit, even if the workflow swallows the error`()
        throws
    {
        let run = try ScriptedRun(TooLarge.self, ())
        let failure = try #require(run.engine.failure)
        #expect(failure.kind == .payload)
        #expect(failure.message.contains("the limit is 2097152 bytes"))
        #expect(run.commands.isEmpty)
    }

    @Test func `An arrival for an operation that was never asked for is corruption`() throws {
        let run = try ScriptedRun(Caller.self, ())
        try run.complete(9, 1)
        run.turn()
        #expect(run.engine.failure?.kind == .corruptHistory)
    }
}

private final class NeedsInput: Workflow {
    struct Input: Codable, Sendable { var count: Int }
    init(input: Input) {}
    func run(_ context: WorkflowContext) async throws {}
}

private final class Careless: Workflow {
    struct Input: Codable, Sendable { var retry: RetryPolicy?; var timeout: Double? }
    private let input: Input
    init(input: Input) { self.input = input }
    func run(_ context: WorkflowContext) async throws {
        let options = ActivityOptions(retry: input.retry, heartbeat: input.timeout.map { .seconds($0) })
        try await context.execute(Activity<Int, Int>("careless"), 1, options: options)
    }
}

private final class Unserved: Workflow {
    struct Input: Codable, Sendable {
        var name = "served"
        var queue: String?
    }

    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws {
        try await context.execute(Activity<Int, Int>(input.name), 1, options: .init(queue: input.queue))
    }
}

@Suite struct ActivityOptionTests {
    @Test(arguments: [
        ("retry.multiplier", RetryPolicy(multiplier: 0.5, attempts: 3)),
        ("retry.jitter", RetryPolicy(attempts: 3, jitter: 1.5)),
        ("retry.attempts", RetryPolicy(attempts: 0)),
        ("retry.initial", RetryPolicy(initial: .seconds(-1), attempts: 2)),
    ])
    func `Options that can't be meant fail the turn, and name the field and the line`(
        _ field: String, _ retry: RetryPolicy
    ) throws {
        let run = try ScriptedRun(Careless.self, .init(retry: retry, timeout: nil))
        let failure = try #require(run.engine.failure)
        #expect(failure.kind == .misuse)
        #expect(failure.message.contains(field))
        #expect(failure.message.contains("ActivityResultTests.swift:"))
    }

    @Test(arguments: ["", String(repeating: "x", count: 256)])
    func `A name or a queue that no worker can serve fails the turn`(_ word: String) throws {
        for (field, input) in [("name", Unserved.Input(name: word)), ("queue", Unserved.Input(queue: word))] {
            let failure = try #require(try ScriptedRun(Unserved.self, input).engine.failure)
            #expect(failure.kind == .misuse)
            #expect(failure.message.contains("\(field) “"))
            #expect(failure.message.contains("ActivityResultTests.swift:"))
        }
    }

    @Test func `A timeout of nothing fails the turn`() throws {
        let run = try ScriptedRun(Careless.self, .init(retry: nil, timeout: 0))
        #expect(run.engine.failure?.message.contains("heartbeat") == true)
    }
}

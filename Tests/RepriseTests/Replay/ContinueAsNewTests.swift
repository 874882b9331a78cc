import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let work = Activity<Int, Int>("work")

private final class Counting: Workflow {
    static let add = Signal<Counting, Int>("add")
    struct Input: Codable, Sendable, Equatable { var total: Int }
    private let input: Input
    init(input: Input) { self.input = input }

    @Variable var sizes: [Int] = []

    func run(_ context: WorkflowContext) async throws -> Int {
        sizes.append(context.history.count)
        let first = try await context.receive(Self.add)
        sizes.append(context.history.count)
        try await context.execute(work, first)
        sizes.append(context.history.count)
        throw continueAsNew(with: .init(total: input.total + first))
    }
}

private final class Endless: Workflow {
    func run(_ context: WorkflowContext) async throws {
        while !context.shouldContinueAsNew { try await context.execute(work, 1) }
        throw continueAsNew()
    }
}

@Suite struct ContinueAsNewTests {
    @Test func `A run that continues as new hands on its input, its buffered signals and the ids of the others`() throws
    {
        let run = try ScriptedRun(Counting.self, .init(total: 1))
        try run.signal(Counting.add, 10)
        run.turn()
        try run.signal(Counting.add, 20)
        try run.signal(Counting.add, 30)
        run.turn()
        let buffered = run.history.filter { $0.kind == .signalled }.map(\.number).dropFirst()
        try run.complete(0, 0)
        run.engine.load(run.history)
        run.engine.advance(committedThrough: run.committedThrough)
        let draft = try #require(run.engine.draft(buildID: ""))
        let commit = draft.commit(claim: WorkflowClaim(run: run.engine.run, epoch: 1, nonce: "n"), queue: "default")
        #expect(commit.closing == .continuedAsNew)
        #expect(commit.carried == Array(buffered))
        let range = try #require(commit.result)
        let record = try StartRecord(decoding: Array(try #require(commit.turn)[range]))
        #expect(record.type == "Counting")
        #expect(record.version == "1")
        #expect(try JSONDecoder().decode(Counting.Input.self, from: Data(record.input)) == .init(total: 11))
        // Those that are handed on are new to the next run.
        #expect(record.seenSignals == ["signal-1"])
    }

    @Test func `A request to end that came too late for the code is handed on`() throws {
        let run = try ScriptedRun(Counting.self, .init(total: 1))
        try run.signal(Counting.add, 10)
        run.turn()
        try run.complete(0, 0)
        run.engine.load(run.history)
        run.engine.advance(committedThrough: run.committedThrough)
        // The store refuses the end, because this came meanwhile.
        try run.signal(Counting.add, 20)
        run.cancel("stop")
        run.engine.load(run.history)
        run.engine.advance(committedThrough: 0)
        let draft = try #require(run.engine.draft(buildID: ""))
        let commit = draft.commit(claim: WorkflowClaim(run: run.engine.run, epoch: 1, nonce: "n"), queue: "default")
        #expect(commit.closing == .continuedAsNew)
        #expect(commit.carried == run.history.suffix(2).map(\.number))
    }

    @Test func `A run knows the signals that the one before has seen`() throws {
        let run = try ScriptedRun(Counting.self, .init(total: 1), seenSignals: ["signal-1"])
        try run.signal(Counting.add, 10, id: "signal-1")
        #expect(run.turn().isEmpty)
        try run.signal(Counting.add, 10, id: "signal-2")
        #expect(run.turn().map(\.kind) == [.scheduleActivity])
    }

    @Test func `The size of the history is that of its entries, live and in replay`() throws {
        let run = try ScriptedRun(Counting.self, .init(total: 1))
        try run.signal(Counting.add, 10)
        run.turn()
        try run.complete(0, 0)
        run.turn()
        // started; signal; turn; result: the first turn decided nothing and wrote nothing.
        #expect(run.variables.contains("[1,2,4]"))
        let size = run.engine.historySize
        #expect(size.count == run.history.count)
        #expect(size.bytes == run.history.reduce(0) { $0 + $1.payload.count })
        run.restart()
        #expect(run.variables.contains("[1,2,4]"))
        #expect(run.engine.historySize == size)
    }

    @Test func `A long history asks to be continued as new`() throws {
        let run = try ScriptedRun(Endless.self, ())
        while let open = run.engine.openActivities.first, open < 6000 {
            try run.complete(open, 0)
            run.turn()
        }
        #expect(run.outcome == .continuedAsNew)
        #expect((10_000...10_002).contains(run.history.count))
    }

    @Test func `Another workflow's input is refused`() throws {
        final class Wrong: Workflow {
            func run(_ context: WorkflowContext) async throws { throw Endless().continueAsNew() }
        }
        let run = try ScriptedRun(Wrong.self, ())
        #expect(run.engine.failure?.kind == .misuse)
        #expect(run.engine.failure?.message.contains("Endless") == true)
    }
}

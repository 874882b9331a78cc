import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let work = Activity<Int, Int>("work")

private final class Shipping: Workflow {
    static let packed = Signal<Shipping, String>("packed")
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String { "shipped" }
}

private final class Order: Workflow {
    func run(_ context: WorkflowContext) async throws -> [String] {
        let named = context.startChild(
            Shipping.self, id: "ship-1", 5,
            options: .init(queue: "docks", version: "v", parentClosePolicy: .abandon))
        try named.signal(Shipping.packed, "box")
        let other = context.startChild(Shipping.self, 6)
        do {
            return [other.workflowID, try await named.value, try await other.value]
        } catch let failure as ChildWorkflowFailure {
            return [failure.workflowID, failure.type, failure.message]
        }
    }
}

private final class Impatient: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        let child = context.startChild(Shipping.self, id: "c", 1)
        try await context.execute(work, 1)
        child.cancel()
        do { return try await child.value } catch { return "\(type(of: error))" }
    }
}

private final class Misnamed: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        do { return try await context.executeChild(Shipping.self, id: "", 1) } catch let error as InvalidArgument {
            return error.field
        }
    }
}

private final class Renamed: Workflow {
    static let name = "Order"
    func run(_ context: WorkflowContext) async throws -> [String] {
        let named = context.startChild(Shipping.self, id: "ship-2", 5)
        return [try await named.value]
    }
}

// Two builds of one workflow: with a version, and after its `if` was removed.
private final class Versioned: Workflow {
    static let name = "Versioned"
    func run(_ context: WorkflowContext) async throws -> String {
        _ = context.version("change", 1...2)
        return try await context.executeChild(Shipping.self, 1)
    }
}

private final class Unversioned: Workflow {
    static let name = "Versioned"
    func run(_ context: WorkflowContext) async throws -> String { try await context.executeChild(Shipping.self, 1) }
}

@Suite struct ChildTests {
    @Test func `Children are started by the commit, with id, queue, version and policy`() throws {
        let run = try ScriptedRun(Order.self, ())
        #expect(run.commands.map(\.kind) == [.startChild, .signalChild, .startChild])
        run.restart()
        #expect(run.engine.failure == nil)
        let engine = ScriptedRun<Order>.makeEngine(run.codec, run.logger)
        defer { engine.evict() }
        engine.load(run.history.prefix(1))
        engine.advance(committedThrough: 0)
        let commit = try #require(engine.draft(buildID: "")).commit(
            claim: WorkflowClaim(run: engine.run, epoch: 1, nonce: "n"), queue: "default")
        let turn = try #require(commit.turn)
        guard case .startChild(let first) = commit.effects[0], case .signalChild(0, let range) = commit.effects[1],
            case .startChild(let second) = commit.effects[2]
        else { return _ = Issue.record("\(commit.effects)") }
        #expect((first.workflowID, first.type, first.version, first.queue) == ("ship-1", "Shipping", "v", "docks"))
        #expect(first.parentClosePolicy == .abandon)
        #expect(
            try StartRecord(decoding: Array(turn[first.record]))
                == StartRecord(type: "Shipping", version: "v", input: [53]))
        let signal = try SignalRecord(decoding: Array(turn[range]))
        #expect((signal.name, String(decoding: signal.payload, as: UTF8.self)) == ("packed", #""box""#))
        #expect((second.workflowID, second.queue) == ("scripted/1/2", "default"))
        #expect(second.parentClosePolicy == .terminate)
    }

    @Test func `Results come back typed, and are asked for in any order`() throws {
        let run = try ScriptedRun(Order.self, ())
        run.arrive(.childCompleted, 2, payload: Array(#""two""#.utf8))
        run.arrive(.childCompleted, 0, payload: Array(#""one""#.utf8))
        run.turn()
        #expect(try run.output() == ["scripted/1/2", "one", "two"])
        run.restart()
        #expect(run.engine.failure == nil)
    }

    @Test func `A child's failure is thrown with its id and what it threw`() throws {
        let run = try ScriptedRun(Order.self, ())
        run.arrive(.childFailed, 0, payload: FailureRecord(type: "Terminated", message: "no more").encoded())
        run.turn()
        #expect(try run.output() == ["ship-1", "Terminated", "no more"])
    }

    @Test func `A child can be cancelled by its handle`() throws {
        let run = try ScriptedRun(Impatient.self, ())
        try run.complete(1, 1)
        let commands = run.turn()
        #expect(commands.map(\.kind) == [.cancelOperation, .complete])
        #expect(commands.first?.argument == 0)
        #expect(try run.output() == "CancellationError")
    }

    @Test func `A bad id is an error that names the field`() throws {
        #expect(try ScriptedRun(Misnamed.self, ()).output() == "id")
    }

    @Test func `A version that the code no longer asks for doesn't change the ids of children`() throws {
        let run = try ScriptedRun(Versioned.self, ())
        #expect(run.commands.map(\.kind) == [.version, .startChild])
        #expect(run.replay(as: Unversioned.self) == nil)
    }

    @Test func `A child under another id is a divergence`() throws {
        let run = try ScriptedRun(Order.self, ())
        #expect(run.replay(as: Renamed.self)?.kind == .divergence)
    }
}

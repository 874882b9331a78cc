import Foundation
import ReplaySupport
import Testing

@testable import Reprise

private let work = Activity<String, Int>("work")

private final class Orders: Workflow {
    static let approved = Signal<Orders, String>("approved")
    static let ping = Signal("ping", Orders.ping)
    static let rename = Signal("rename", Orders.rename)
    static let fetch = Signal("fetch", Orders.fetch)
    static let explode = Signal("explode", Orders.explode)
    static var handlers: [Handler<Orders>] {
        ping
        rename
        fetch
        explode
        approved  // without a handler: it adds nothing
    }

    @Variable var log: [String] = []

    func run(_ context: WorkflowContext) async throws -> [String] {
        log.append("begin")
        log.append(try await context.receive(Self.approved))
        log.append(try await context.receive(Self.approved))
        let third = try await context.receive(Self.approved, deadline: context.now.addingTimeInterval(60))
        log.append(third ?? "no third")
        return log
    }

    func ping() { log.append("ping") }
    func rename(_ name: String) { log.append("renamed \(name)") }
    func fetch(_ what: String, _ context: WorkflowContext) async throws {
        log.append("fetched \(try await context.execute(work, what))")
    }
    func explode(_ context: WorkflowContext) async throws { throw Boom() }
    struct Boom: Error {}
}

/// Waits for what can't come.
private final class Deaf: Workflow {
    static let handled = Signal("handled", Deaf.handled)
    static let unlisted = Signal("unlisted", Deaf.handled)
    static var handlers: [Handler<Deaf>] { handled }
    private let input: Bool
    init(input: Bool) { self.input = input }
    func run(_ context: WorkflowContext) async throws {
        if input { try await context.receive(Self.handled) } else { _ = try await context.receive(Orders.approved) }
    }
    func handled() {}
}

private final class Patient: Workflow {
    @Variable var events = 0
    @Variable var outcome = ""
    static let event = Signal("event", Patient.event)
    static var handlers: [Handler<Patient>] { event }

    func run(_ context: WorkflowContext) async throws -> String {
        let outcome = try await context.wait(deadline: context.now.addingTimeInterval(60)) { self.events >= 2 }
        return outcome == .satisfied ? "satisfied" : "deadline"
    }

    func event() { events += 1 }
}

@Suite struct SignalTests {
    @Test func `Signals that come early are buffered in order, each delivered once`() throws {
        let run = try ScriptedRun(Orders.self, ())
        try run.signal(Orders.approved, "one", id: "a")
        try run.signal(Orders.approved, "one", id: "a")  // sent again after a lost reply
        try run.signal(Orders.approved, "two", id: "b")
        run.turn()
        #expect(run.variables == #"{"log":["begin","one","two"]}"#)
    }

    @Test func `A receive with a deadline returns nil when it passes, and its timer goes when a signal comes first`()
        throws
    {
        let late = try ScriptedRun(Orders.self, ())
        try late.signal(Orders.approved, "one")
        try late.signal(Orders.approved, "two")
        late.turn()
        late.fire(0)
        late.turn()
        #expect(try late.output() == ["begin", "one", "two", "no third"])

        let early = try ScriptedRun(Orders.self, ())
        for word in ["one", "two", "three"] { try early.signal(Orders.approved, word) }
        early.turn()
        #expect(try early.output() == ["begin", "one", "two", "three"])
        // The third was there when the second was taken only in the next step: the timer had been started.
        #expect(early.commands.map(\.kind) == [.startTimer, .cancelOperation, .complete])
    }

    @Test func `Handlers run between steps, in order, with and without payload, also as tasks`() throws {
        let run = try ScriptedRun(Orders.self, ())
        try run.signal(Orders.ping, ())
        try run.signal(Orders.rename, "x")
        try run.signal(Orders.fetch, "y")
        run.turn()
        try run.complete(0, 5)
        run.turn()
        #expect(run.variables == #"{"log":["begin","ping","renamed x","fetched 5"]}"#)
        run.restart()
        #expect(run.variables == #"{"log":["begin","ping","renamed x","fetched 5"]}"#)
    }

    @Test func `An error thrown by a handler fails the run`() throws {
        let run = try ScriptedRun(Orders.self, ())
        try run.signal(Orders.explode, ())
        run.turn()
        guard case .failed(let record) = run.outcome else { throw SignalTestFailure() }
        #expect(record.type == "Boom")
    }

    struct SignalTestFailure: Error {}

    @Test func `A payload that doesn't decode fails the turn and names signal, field and bytes`() throws {
        let run = try ScriptedRun(Orders.self, ())
        run.arrive(
            .signalled, payload: SignalRecord(id: "1", name: "rename", payload: Array("{\"a\":1}".utf8)).encoded())
        run.turn()
        let failure = try #require(run.engine.failure)
        #expect(failure.kind == .payload)
        for fragment in ["signal rename", "Orders", "{\"a\":1}"] { #expect(failure.message.contains(fragment)) }
    }

    @Test func `Waiting for a signal that can't come fails the turn, and says why`() throws {
        let handled = try #require(try ScriptedRun(Deaf.self, true).engine.failure)
        #expect(handled.kind == .misuse && handled.message.contains("its handler takes it"))
        let foreign = try #require(try ScriptedRun(Deaf.self, false).engine.failure)
        #expect(foreign.kind == .misuse && foreign.message.contains("it is a signal of workflow Orders"))
    }

    @Test func `Sending a signal whose handler isn't listed is refused`() async throws {
        let client = WorkflowClient(backend: InMemoryBackend())
        let handle = try await client.start(Deaf.self, id: "deaf", true)
        let error = try await #require(throws: InvalidArgument.self) { try await handle.signal(Deaf.unlisted) }
        #expect(error.description.contains("Deaf.handlers"))
    }

    @Test func `A signal of an unknown name is kept`() throws {
        let run = try ScriptedRun(Orders.self, ())
        run.arrive(.signalled, payload: SignalRecord(id: "1", name: "nobody", payload: []).encoded())
        run.turn()
        #expect(run.engine.failure == nil)
        #expect(run.engine.inbox.waiting.map(\.signal.name) == ["nobody"])
    }

    @Test func `A wait ends when its condition holds, and its timer is cancelled`() throws {
        let run = try ScriptedRun(Patient.self, ())
        try run.signal(Patient.event, ())
        run.turn()
        #expect(run.outcome == nil)
        try run.signal(Patient.event, ())
        run.turn()
        #expect(try run.output() == "satisfied")
        #expect(run.commands.map(\.kind) == [.startTimer, .cancelOperation, .complete])
    }

    @Test func `A wait ends at its deadline`() throws {
        let run = try ScriptedRun(Patient.self, ())
        run.fire(0)
        run.turn()
        #expect(try run.output() == "deadline")
    }

    @Test func `Signals before a delayed start are delivered after the workflow's first job`() throws {
        let codec = PayloadCodec(converter: JSONDataConverter(), limit: 1000)
        let engine = ScriptedRun<Orders>.makeEngine(codec, ScriptedRun<Orders>.quiet)
        defer { engine.evict() }
        let record = StartRecord(type: "Orders", version: "", input: [])
        let signal = SignalRecord(id: "1", name: "ping", payload: [])
        func entry(_ number: Int, _ kind: HistoryEntry.Kind, _ payload: [UInt8]) -> HistoryEntry {
            HistoryEntry(number: number, kind: kind, time: Timestamp(milliseconds: Int64(number)), payload: payload)
        }
        engine.load([
            entry(1, .scheduled, record.encoded()), entry(2, .signalled, signal.encoded()), entry(3, .started, []),
        ])
        engine.advance(committedThrough: 0)
        #expect(engine.failure == nil)
        #expect(WorkflowVariables(engine.allVariables)["log"] == #"["begin","ping"]"#)
        #expect(engine.read("startedAt") { $0.startedAt.milliseconds } == 3)
    }
}

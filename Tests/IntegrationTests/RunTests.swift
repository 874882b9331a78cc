import Foundation
import Reprise
import Testing

private let work = Activity<Int, Int>("work")

private struct Broken: Error, Codable, Equatable { var part: String }

private final class Approval: Workflow {
    static let approved = Signal<Approval, String>("approved")
    static let note = Signal("note", Approval.note)
    static var handlers: [Handler<Approval>] { note }

    @Variable var notes: [String] = []
    @Variable var phase = "waiting"

    func run(_ context: WorkflowContext) async throws -> String {
        let who = try await context.receive(Self.approved)
        phase = "approved"
        try await context.wait { self.notes.count >= 2 }
        return "\(who) \(notes.joined(separator: ","))"
    }

    func note(_ text: String) { notes.append(text) }
}

private final class Failing: Workflow {
    func run(_ context: WorkflowContext) async throws {
        try await context.sleep(for: .milliseconds(5))
        throw Broken(part: "wheel")
    }
}

private final class Sleeping: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Double {
        let due = context.now.addingTimeInterval(Double(input) / 1000)
        try await context.sleep(until: due)
        return context.now.timeIntervalSince(due)
    }
}

/// Two builds of one workflow: the first can't read its input.
private enum Build {
    final class First: Workflow {
        static let name = "built"
        struct Input: Codable, Sendable { var amount: String }
        init(input: Input) {}
        func run(_ context: WorkflowContext) async throws -> String { "first" }
    }

    final class Second: Workflow {
        static let name = "built"
        struct Input: Codable, Sendable { var amount: Int }
        private let input: Input
        init(input: Input) { self.input = input }
        func run(_ context: WorkflowContext) async throws -> String { "second \(input.amount)" }
    }
}

@Suite struct RunTests {
    @Test(arguments: BackendKind.allCases)
    func `Signals reach handlers and receivers, and the debugger sees each change`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Approval.self
            } during: {
                let handle = try await site.client.start(Approval.self, id: "order: {1} é")
                try await handle.wait(until: { $0.state == .idle }, timeout: .patience)
                let before = try await site.debugger.variables(of: Approval.self, id: "order: {1} é")
                #expect(before.json == #"{"notes":[],"phase":"waiting"}"#)
                try await handle.signal(Approval.note, "a")
                try await handle.signal(Approval.approved, "Ada")
                try await handle.signal(Approval.note, "b")
                #expect(try await handle.result(timeout: .patience) == "Ada a,b")
                let after = try await site.debugger.variables(of: Approval.self, id: "order: {1} é")
                #expect(try after.value("phase") == "approved")
                #expect(try after.value("notes", as: [String].self) == ["a", "b"])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `The debugger executes nothing and writes nothing`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let executions = Gauge()
            try await site.withWorker {
                FanOut.self
                FanOut.step.implement { input in
                    executions.enter()
                    return input
                }
            } during: {
                let handle = try await site.client.start(FanOut.self, id: "fan", 5)
                _ = try await handle.result(timeout: .patience)
                let history = try await site.backend.history(of: handle.run, after: 0, limit: 1000)
                let description = try await handle.describe()
                _ = try await site.debugger.variables(of: FanOut.self, id: "fan")
                #expect(executions.total == 5)
                #expect(try await site.backend.history(of: handle.run, after: 0, limit: 1000) == history)
                #expect(try await handle.describe() == description)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `What run throws is the run's failure, typed again on the client`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Failing.self
            } during: {
                let handle = try await site.client.start(Failing.self, id: "fails")
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await handle.result(timeout: .patience)
                }
                #expect(failure.type == "Broken")
                #expect(failure.details(as: Broken.self) == Broken(part: "wheel"))
                #expect(try await handle.describe().state == .failed)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An id is taken while its run is open, and free again when it is closed`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let first = try await site.client.start(Approval.self, id: "one")
            let error = try await #require(throws: BackendError.self) {
                try await site.client.start(Approval.self, id: "one")
            }
            #expect(error.code == .alreadyRunning)
            #expect(error.run == first.run)
            try await site.withWorker {
                Approval.self
            } during: {
                for _ in 1...2 { try await first.signal(Approval.note, "n") }
                try await first.signal(Approval.approved, "Bob")
                _ = try await first.result(timeout: .patience)
                let second = try await site.client.start(Approval.self, id: "one")
                #expect(second.run.number > first.run.number)
                // The first run's result stays its own.
                #expect(try await first.result(timeout: .patience) == "Bob n,n")
                await #expect(throws: BackendError.self) { try await first.signal(Approval.note, "late") }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A delayed start waits, and keeps signals that come before`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Approval.self
            } during: {
                let due = Date.now.addingTimeInterval(3)
                let handle = try await site.client.start(Approval.self, id: "later", options: .init(startAt: due))
                try await handle.signal(Approval.approved, "Eve")
                for _ in 1...2 { try await handle.signal(Approval.note, "x") }
                let kinds = try await site.backend.history(of: handle.run, after: 0, limit: 10).map(\.kind)
                #expect(kinds.prefix(4) == [.scheduled, .signalled, .signalled, .signalled])
                #expect(try await handle.result(timeout: .patience) == "Eve x,x")
                let started = try #require(try await handle.describe().startedAt)
                #expect(started.date >= due.addingTimeInterval(-0.001))
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Sleeping runs wake up on time beside an idle worker`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Sleeping.self
            } during: {
                var late: [Double] = []
                for index in 0..<10 {
                    let handle = try await site.client.start(Sleeping.self, id: "sleep-\(index)", 50)
                    late.append(try await handle.result(timeout: .patience))
                }
                #expect(late.allSatisfy { $0 >= 0 }, "never early")
                // The promise is 10 ms on an idle machine; other tests run beside this one.
                #expect(late.sorted()[5] < 0.1, "\(late)")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A payload that doesn't decode blocks the run with the reason, and a new build lets it go on`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            let handle = try await site.client.start(Build.Second.self, id: "built", .init(amount: 5))
            let retry = RetryPolicy.fixed(.milliseconds(5), attempts: 3)
            let blocked = try await site.withWorker(WorkerOptions(turnRetry: retry, buildID: "1")) {
                Build.First.self
            } during: {
                try await handle.wait(until: { $0.state == .blocked }, timeout: .patience)
            }
            #expect(blocked.turnFailures == 3)
            let reason = try #require(blocked.reason)
            for fragment in ["workflow built", "field amount", #"{"amount":5}"#] {
                #expect(reason.contains(fragment), "\(reason)")
            }
            try await site.withWorker(WorkerOptions(buildID: "2")) {
                Build.Second.self
            } during: {
                let result = try await handle.result(timeout: .patience)
                #expect(result == "second 5")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A blocked run goes on when a person says so`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let handle = try await site.client.start(Build.Second.self, id: "built", .init(amount: 6))
            try await site.withWorker(WorkerOptions(turnRetry: .none)) {
                Build.First.self
            } during: {
                _ = try await handle.wait(until: { $0.state == .blocked }, timeout: .patience)
            }
            try await site.withWorker {
                Build.Second.self
            } during: {
                try await handle.unblock()
                #expect(try await handle.result(timeout: .patience) == "second 6")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A run of a type that no worker has waits for one, and blocks nobody`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let unknown = try await site.client.start(Failing.self, id: "unknown")
            try await site.withWorker {
                Sleeping.self
            } during: {
                let known = try await site.client.start(Sleeping.self, id: "known", 1)
                _ = try await known.result(timeout: .patience)
                #expect(try await unknown.describe().state == .queued)
                try await site.withWorker {
                    Failing.self
                } during: {
                    await #expect(throws: WorkflowFailure.self) { try await unknown.result(timeout: .patience) }
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Waiting for a result has a timeout and can be cancelled`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let handle = try await site.client.start(Approval.self, id: "never")
            let timeout = try await #require(throws: WaitTimeout.self) {
                try await handle.result(timeout: .milliseconds(20))
            }
            #expect(timeout.run == handle.run)
            #expect(timeout.lastSeen?.state == .queued)
            #expect("\(timeout)".hasSuffix("it is queued"))
            let waiting = Task { try await handle.result() }
            waiting.cancel()
            await #expect(throws: (any Error).self) { try await waiting.value }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Bad ids, queues and payloads are refused by name before anything is written`(_ kind: BackendKind) async throws
    {
        try await Site.with(kind) { site in
            let empty = try await #require(throws: InvalidArgument.self) {
                try await site.client.start(Approval.self, id: "")
            }
            #expect(empty.field == "id")
            let long = try await #require(throws: InvalidArgument.self) {
                try await site.client.start(Approval.self, id: String(repeating: "x", count: 300))
            }
            #expect(long.description.contains("300 bytes"))
            let large = try await #require(throws: PayloadError.self) {
                try await WorkflowClient(backend: site.backend, payloadLimit: 100).start(
                    Echo.self, id: "large", String(repeating: "x", count: 200))
            }
            #expect(large.message.contains("the limit is 100 bytes"))
            for id in ["large", "nobody"] {
                let unknown = try await #require(throws: BackendError.self) { try await site.client.describe(id: id) }
                #expect(unknown.code == .runNotFound)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A debugger or handle of another type is refused`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.client.start(Approval.self, id: "one")
            await #expect(throws: InvalidArgument.self) {
                try await site.debugger.variables(of: Failing.self, id: "one")
            }
            await #expect(throws: InvalidArgument.self) { try await site.client.handle(Failing.self, id: "one") }
        }
    }

    @Test func `A worker refuses a retry policy for turns that can't be meant`() throws {
        let error = try #require(throws: InvalidArgument.self) {
            try Worker(
                backend: InMemoryBackend(), options: .init(turnRetry: RetryPolicy(attempts: 0)), logger: Site.quiet
            ) { Approval.self }
        }
        #expect(error.field == "turnRetry.attempts")
    }

    @Test func `Two registrations of one name name both types`() throws {
        let workflows = try #require(throws: InvalidArgument.self) {
            try Worker(backend: InMemoryBackend(), logger: Site.quiet) {
                Build.First.self
                Build.Second.self
            }
        }
        #expect(workflows.description.contains("Build.First") && workflows.description.contains("Build.Second"))
        let activities = try #require(throws: InvalidArgument.self) {
            try Worker(backend: InMemoryBackend(), logger: Site.quiet) {
                work.implement { $0 }
                Activity<String, Int>("work").implement { _ in 1 }
            }
        }
        #expect(activities.description.contains("(Swift.Int) -> Swift.Int"))
        #expect(activities.description.contains("(Swift.String) -> Swift.Int"))
    }
}

private final class Echo: Workflow {
    private let input: String
    init(input: String) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String { input }
}

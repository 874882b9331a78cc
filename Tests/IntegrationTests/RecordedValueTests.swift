import Foundation
import Reprise
import Testing

private final class Counting: Workflow {
    /// How often the side effect ran, by workflow id.
    static let executions = Recorder<String>()
    func run(_ context: WorkflowContext) async throws -> [Int] {
        var counts: [Int] = []
        for _ in 1...2 {
            counts.append(
                try context.sideEffect {
                    Self.executions.add(context.info.workflowID)
                    return Self.executions.all.filter { $0 == context.info.workflowID }.count
                })
            try await context.sleep(for: .milliseconds(1))
        }
        return counts
    }
}

private final class Dicing: Workflow {
    static let roll = Activity<Void, Void>("roll")
    @Variable var rolls: [Int] = []
    @Variable var ids: [UUID] = []
    func run(_ context: WorkflowContext) async throws -> [String] {
        var generator = context.random
        for _ in 1...4 {
            rolls.append(Int.random(in: 0..<1_000_000, using: &generator))
            ids.append(context.uuid())
            try await context.execute(Self.roll)
        }
        return rolls.map(String.init) + ids.map(\.uuidString)
    }
}

private final class Measuring: Workflow {
    struct Output: Codable, Sendable {
        var count: Int
        var bytes: Int
        var shouldContinueAsNew: Bool
    }
    func run(_ context: WorkflowContext) async throws -> Output {
        _ = try await context.map(0..<30) { _ in try await context.sleep(for: .milliseconds(1)) }
        return Output(
            count: context.history.count, bytes: context.history.bytes,
            shouldContinueAsNew: context.shouldContinueAsNew)
    }
}

/// Builds of one workflow. The first is from before the change, the last from when nobody needs the old way any more.
private enum Billing {
    static let old = Activity<Void, String>("old")
    static let new = Activity<Void, String>("new")

    final class Before: Workflow {
        static let name = "billing"
        func run(_ context: WorkflowContext) async throws -> String {
            let text = try await context.execute(Billing.old)
            try await context.wait { self.isReady }
            return text
        }
        private var isReady = false
        func ready() { isReady = true }
        static let ready = Signal("ready", Before.ready)
        static var handlers: [Handler<Before>] { ready }
    }

    final class During: Workflow {
        static let name = "billing"
        func run(_ context: WorkflowContext) async throws -> String {
            let activity = context.version("fix-42", 1...2) == 2 ? Billing.new : Billing.old
            let text = try await context.execute(activity)
            try await context.wait { self.isReady }
            return text
        }
        private var isReady = false
        func ready() { isReady = true }
        static let ready = Signal("ready", During.ready)
        static var handlers: [Handler<During>] { ready }
    }

    final class After: Workflow {
        static let name = "billing"
        func run(_ context: WorkflowContext) async throws -> String {
            _ = context.version("fix-42", 2...2)
            let text = try await context.execute(Billing.new)
            try await context.wait { self.isReady }
            return text
        }
        private var isReady = false
        func ready() { isReady = true }
        static let ready = Signal("ready", After.ready)
        static var handlers: [Handler<After>] { ready }
    }

    @ActivityBuilder static var activities: [ActivityRegistration] {
        old.implement { "old" }
        new.implement { "new" }
    }
}

@Suite struct RecordedValueTests {
    @Test(arguments: BackendKind.allCases)
    func `A side effect is computed once, however often the workflow is replayed`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let id = "counting \(kind)"
            try await site.withWorker(WorkerOptions(maxCachedRuns: 0)) {
                Counting.self
            } during: {
                let handle = try await site.client.start(Counting.self, id: id)
                #expect(try await handle.result(timeout: .patience) == [1, 2])
                _ = try await site.debugger.variables(of: Counting.self, id: id)
            }
            #expect(Counting.executions.all.filter { $0 == id }.count == 2)
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Random numbers and UUIDs are the same in every replay, and others in every run`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker(WorkerOptions(maxCachedRuns: 0)) {
                Dicing.self
                Dicing.roll.implement {}
            } during: {
                let one = try await site.client.start(Dicing.self, id: "one")
                let result = try await one.result(timeout: .patience)
                #expect(Set(result).count == 8)
                let variables = try await site.debugger.variables(of: Dicing.self, id: "one")
                #expect(try variables.value("rolls", as: [Int].self)?.map(String.init) == Array(result.prefix(4)))
                #expect(try variables.value("ids", as: [String].self) == Array(result.suffix(4)))
                let again = try await site.client.start(Dicing.self, id: "one")
                let two = try await site.client.start(Dicing.self, id: "two")
                for other in [again, two] {
                    #expect(Set(try await other.result(timeout: .patience)).isDisjoint(with: result))
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A workflow knows how long its history is`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Measuring.self
            } during: {
                let handle = try await site.client.start(Measuring.self, id: "measuring")
                let output = try await handle.result(timeout: .patience)
                // All but the turn that returned.
                let history = try await site.history(of: handle.run).dropLast()
                #expect(output.count == history.count)
                #expect(output.bytes == history.reduce(0) { $0 + $1.payload.count })
                #expect(!output.shouldContinueAsNew)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func
        `A run keeps to the version that it began with, new ones take the newest, and one that is too old for a build waits for another`(
            _ kind: BackendKind
        ) async throws
    {
        try await Site.with(kind) { site in
            let client = site.client
            let (first, stuck) = try await site.withWorker(WorkerOptions(buildID: "1")) {
                Billing.Before.self
                Billing.activities
            } during: {
                let handles = try await (
                    client.start(Billing.Before.self, id: "first"), client.start(Billing.Before.self, id: "stuck")
                )
                for handle in [handles.0, handles.1] {
                    try await handle.wait(until: { $0.through >= 3 }, timeout: .patience)
                }
                return handles
            }
            let second = try await site.withWorker(WorkerOptions(buildID: "2")) {
                Billing.During.self
                Billing.activities
            } during: {
                try await first.signal(Billing.Before.ready)
                #expect(try await first.result(timeout: .patience) == "old")
                let second = try await client.start(Billing.During.self, id: "second")
                try await second.wait(until: { $0.through >= 3 }, timeout: .patience)
                return second
            }
            let retry = RetryPolicy.fixed(.milliseconds(5), attempts: 2)
            try await site.withWorker(WorkerOptions(turnRetry: retry, buildID: "3")) {
                Billing.After.self
                Billing.activities
            } during: {
                try await second.signal(Billing.During.ready)
                #expect(try await second.result(timeout: .patience) == "new")
                let third = try await client.start(Billing.After.self, id: "third")
                try await third.signal(Billing.After.ready)
                #expect(try await third.result(timeout: .patience) == "new")
                try await stuck.signal(Billing.Before.ready)
                let blocked = try await stuck.wait(until: { $0.state == .blocked }, timeout: .patience)
                #expect(blocked.reason?.contains("took version 1 of") == true, "\(blocked.reason ?? "")")
            }
            try await site.withWorker(WorkerOptions(buildID: "4")) {
                Billing.During.self
                Billing.activities
            } during: {
                let result = try await stuck.result(timeout: .patience)
                #expect(result == "old")
            }
        }
    }
}

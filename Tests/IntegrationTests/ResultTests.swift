import Foundation
import Reprise
import Testing

private enum Steps {
    static let ping = Activity<Void, Void>("ping")
    static let reverse = Activity<Data, Data>("reverse")
    static let increment = Activity<Int, Int>("increment")
    static let pay = Activity<Int, String>("pay", retry: .fixed(.milliseconds(5), attempts: 3))
}

private struct Declined: Error, Codable, Equatable { var code: Int }

private final class Nothing: Workflow {
    func run(_ context: WorkflowContext) async throws {}
}

private final class Greeting: Workflow {
    struct Person: Codable, Sendable, Equatable {
        var name: String
        var age: Int?
    }
    private let input: Person
    init(input: Person) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> [Person] { [input, input] }
}

private final class Plain: Workflow {
    func run(_ context: WorkflowContext) async throws -> Data {
        try await context.execute(Steps.ping)
        return try await context.execute(Steps.reverse, Data([1, 0, 255]))
    }
}

private final class Chain: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int {
        var value = 0
        for _ in 0..<input { value = try await context.execute(Steps.increment, value) }
        return value
    }
}

private final class Paying: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String { try await context.execute(Steps.pay, input) }
}

private final class Unasked: Workflow {
    func run(_ context: WorkflowContext) async throws { throw CancellationError() }
}

private final class Curious: Workflow {
    struct Output: Codable, Sendable {
        var id: String
        var number: Int
        var type: String
        var version: String
        var queue: String
        var startedAt: Date
        var activity: [String]
    }
    static let about = Activity<Void, [String]>("about")
    func run(_ context: WorkflowContext) async throws -> Output {
        let activity = try await context.execute(Self.about)
        let info = context.info
        return Output(
            id: info.workflowID, number: info.runNumber, type: info.type, version: info.version, queue: info.queue,
            startedAt: context.startedAt, activity: activity)
    }
}

/// Reports from outside of the workflow's own state, so that each execution of a line shows.
private final class Repeating: Workflow {
    static let seen = Recorder<(id: String, isReplaying: Bool)>()
    func run(_ context: WorkflowContext) async throws {
        for _ in 1...3 {
            Self.seen.add((context.info.workflowID, context.info.isReplaying))
            try await context.execute(Steps.ping)
        }
    }
}

@Suite struct ResultTests {
    @Test(arguments: BackendKind.allCases)
    func `Inputs and outputs of any type, and none, come back`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Nothing.self
                Greeting.self
                Plain.self
                Steps.ping.implement {}
                Steps.reverse.implement { Data($0.reversed()) }
            } during: {
                let nothing = try await site.client.start(Nothing.self, id: "nothing")
                try await nothing.result(timeout: .patience)
                let person = Greeting.Person(name: "世界 \u{0} \"é\"", age: nil)
                let greeting = try await site.client.start(Greeting.self, id: "greeting", person)
                #expect(try await greeting.result(timeout: .patience) == [person, person])
                let plain = try await site.client.start(Plain.self, id: "plain")
                #expect(try await plain.result(timeout: .patience) == Data([255, 0, 1]))
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Activities in a row hand their results on`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Chain.self
                Steps.increment.implement { $0 + 1 }
            } during: {
                let handle = try await site.client.start(Chain.self, id: "chain", 10)
                #expect(try await handle.result(timeout: .patience) == 10)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `The history of a run is its start, its arrivals and one entry a turn`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Chain.self
                Steps.increment.implement { $0 + 1 }
            } during: {
                let none = try await site.client.start(Chain.self, id: "none", 0)
                _ = try await none.result(timeout: .patience)
                #expect(try await site.history(of: none.run).map(\.kind) == [.started, .turn])
                let two = try await site.client.start(Chain.self, id: "two", 2)
                _ = try await two.result(timeout: .patience)
                let history = try await site.history(of: two.run)
                #expect(
                    history.map(\.kind) == [.started, .turn, .activityCompleted, .turn, .activityCompleted, .turn])
                #expect(history.map(\.number) == Array(1...6))
                #expect(history.map(\.time) == history.map(\.time).sorted())
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity's failure that run doesn't catch fails the run, typed on the client`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Paying.self
                Steps.pay.implement { throw Declined(code: $0) }
            } during: {
                let handle = try await site.client.start(Paying.self, id: "pay", 402)
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await handle.result(timeout: .patience)
                }
                #expect(failure.run == handle.run)
                #expect(failure.type == "ActivityFailure")
                let inner = try #require(failure.details(as: ActivityFailure.self))
                #expect(inner.activity == "pay")
                #expect(inner.type == "Declined")
                #expect(inner.attempts == 3)
                #expect(inner.details(as: Declined.self) == Declined(code: 402))
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A run that throws CancellationError though nobody asked it to end has failed`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Unasked.self
            } during: {
                let handle = try await site.client.start(Unasked.self, id: "unasked")
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await handle.result(timeout: .patience)
                }
                #expect(failure.type == "CancellationError")
                #expect(try await handle.describe().state == .failed)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A workflow and an activity know what and where they are`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker(queue: "q: {1}") {
                Curious.self
                Curious.about.implement { context in
                    [context.activity, "\(context.run)", "\(context.attempt)", "\(context.deliveries)", context.queue]
                }
            } during: {
                let handle = try await site.client.start(
                    Curious.self, id: "curious", options: .init(queue: "q: {1}", version: "7"))
                let output = try await handle.result(timeout: .patience)
                #expect(output.id == "curious")
                #expect(output.number == handle.run.number)
                #expect(output.type == "Curious")
                #expect(output.version == "7")
                #expect(output.queue == "q: {1}")
                #expect(try await handle.describe().startedAt?.date == output.startedAt)
                #expect(output.activity == ["about", "\(handle.run)", "1", "1", "q: {1}"])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A workflow knows whether it repeats its history`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let id = "repeating \(kind)"
            try await site.withWorker(WorkerOptions(maxCachedRuns: 0)) {
                Repeating.self
                Steps.ping.implement {}
            } during: {
                let handle = try await site.client.start(Repeating.self, id: id)
                try await handle.result(timeout: .patience)
            }
            // Four turns: each repeats what the ones before did, and then goes one line further.
            #expect(
                Repeating.seen.all.filter { $0.id == id }.map(\.isReplaying)
                    == [false, true, false, true, true, false, true, true, true])
        }
    }
}

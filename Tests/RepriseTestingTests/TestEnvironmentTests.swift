import Foundation
import Logging
import Reprise
import RepriseTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct TestEnvironmentTests {
    @Test func `A result can be asked for years after the run ended`() async throws {
        let environment = try TestEnvironment { Echo.self }
        let early = try await environment.start(Echo.self, id: "early", "hello")
        await environment.advance(by: .days(3 * 365))
        // Its claim is when a worker removes runs whose time is over.
        _ = try await environment.start(Echo.self, id: "late", "again").result()
        #expect(try await early.result() == "hello")
    }

    @Test func `A result is as far away as the run takes`() async throws {
        let environment = try TestEnvironment {
            Patient.self
            work.implement { $0 + 1 }
        }
        let start = environment.now
        let patient = try await environment.start(Patient.self, id: "patient", 3)
        #expect(try await environment.result(of: patient) == 6)
        #expect(environment.now == start.addingTimeInterval(3 * 365 * 86_400))
    }

    @Test func `The failure of a run is its result`() async throws {
        let environment = try TestEnvironment {
            Patient.self
            work.implement { _ in throw Declined() }
        }
        let patient = try await environment.start(Patient.self, id: "patient", 1)
        let failure = try await #require(throws: WorkflowFailure.self) { try await environment.result(of: patient) }
        #expect(failure.cause?.type == "Declined")
    }

    @Test func `An activity without a stub is named at once`() async throws {
        let environment = try TestEnvironment(logger: quiet) { Patient.self }
        let start = environment.now
        let patient = try await environment.start(Patient.self, id: "patient", 1)
        let stuck = try await #require(throws: StuckRun.self) { try await environment.result(of: patient) }
        #expect(stuck.run == patient.run)
        #expect(stuck.description.contains("activity work is not in this environment"))
        #expect(environment.now == start)
    }

    @Test func `A queue that nobody serves is named`() async throws {
        let environment = try TestEnvironment(logger: quiet) {
            Elsewhere.self
            work.implement { $0 }
        }
        let elsewhere = try await environment.start(Elsewhere.self, id: "elsewhere")
        let stuck = try await #require(throws: StuckRun.self) { try await environment.result(of: elsewhere) }
        #expect(stuck.reason.contains("work is in queue other"))
    }

    @Test func `A run that waits for the test is not waited for`() async throws {
        let environment = try TestEnvironment { Waiting.self }
        let waiting = try await environment.start(Waiting.self, id: "waiting")
        let stuck = try await #require(throws: StuckRun.self) { try await environment.result(of: waiting) }
        #expect(stuck.reason.contains("signal"))
        try await waiting.signal(Waiting.answer, 42)
        #expect(try await environment.result(of: waiting) == 42)
    }

    @Test func `A blocked run says why`() async throws {
        let environment = try TestEnvironment(logger: quiet) { Unstable.self }
        let unstable = try await environment.start(Unstable.self, id: "unstable")
        let stuck = try await #require(throws: StuckRun.self) { try await environment.result(of: unstable) }
        #expect(stuck.reason.contains("blocked"))
        #expect(stuck.reason.contains("suspended outside the engine"))
    }

    @Test func `Registrations can be made in a loop, and only if they are wanted`() async throws {
        let names = ["one", "two", "three"]
        let calls = names.map { Activity<Void, String>($0) }
        let isWanted = true
        let environment = try TestEnvironment {
            Calling.self
            for call in calls where call.name != "three" { call.implement { call.name } }
            if isWanted { [calls[2].implement { "drei" }] }
        }
        let calling = try await environment.start(Calling.self, id: "calling", names)
        #expect(try await environment.result(of: calling) == ["one", "two", "drei"])
    }
}

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
private let work = Activity<Int, Int>("work")

private struct Declined: Error {}

/// Adds up what it is given a year later, again and again.
private final class Patient: Workflow {
    private let input: Int

    init(input: Int) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        var sum = 0
        for year in 0..<input {
            sum += try await context.execute(work, year)
            try await context.sleep(for: .days(365))
        }
        return sum
    }
}

private final class Elsewhere: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int {
        try await context.execute(work, 1, options: .init(queue: "other"))
    }
}

private final class Waiting: Workflow {
    static let answer = Signal<Waiting, Int>("answer")

    func run(_ context: WorkflowContext) async throws -> Int { try await context.receive(Self.answer) }
}

private final class Unstable: Workflow {
    func run(_ context: WorkflowContext) async throws { try await Task.sleep(for: .seconds(1)) }
}

private final class Calling: Workflow {
    private let input: [String]

    init(input: [String]) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> [String] {
        var answers: [String] = []
        for name in input { answers.append(try await context.execute(Activity<Void, String>(name))) }
        return answers
    }
}

private final class Echo: Workflow {
    private let input: String

    init(input: String) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> String { input }
}

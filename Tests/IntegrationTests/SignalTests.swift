import Foundation
import Reprise
import Testing

private struct Broken: Error, Codable, Equatable { var part: String }

private final class Collecting: Workflow {
    static let number = Signal<Collecting, Int>("number")
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> [Int] {
        var numbers: [Int] = []
        while numbers.count < input {
            numbers.append(try await context.receive(Self.number))
            // The next ones come in while nobody waits for them.
            if numbers.count % 3 == 0 { try await context.sleep(for: .milliseconds(1)) }
        }
        return numbers
    }
}

private final class Asking: Workflow {
    static let answer = Signal<Asking, Int>("answer")
    func run(_ context: WorkflowContext) async throws -> [Int?] {
        let first = try await context.receive(Self.answer, deadline: context.now.addingTimeInterval(0.05))
        let second = try await context.receive(Self.answer, deadline: context.now.addingTimeInterval(3600))
        return [first, second]
    }
}

private final class Kitchen: Workflow {
    static let chop = Activity<String, String>("chop")
    static let order = Signal("order", Kitchen.order)
    static var handlers: [Handler<Kitchen>] { order }

    @Variable var log: [String] = []
    private var isReady = false
    private var isServed = false
    private var isDone = false

    func run(_ context: WorkflowContext) async throws -> [String] {
        try await context.wait { self.isReady }
        log.append("served")
        isServed = true
        try await context.wait { self.isDone }
        return log
    }

    func order(_ dish: String, _ context: WorkflowContext) async throws {
        log.append(try await context.execute(Self.chop, dish))
        try await context.sleep(for: .milliseconds(1))
        isReady = true
        try await context.wait { self.isServed }
        log.append("eaten")
        isDone = true
    }
}

private final class Leaving: Workflow {
    static let work = Activity<Int, Int>("work")
    static let begin = Signal("begin", Leaving.begin)
    static let spoil = Signal("spoil", Leaving.spoil)
    static var handlers: [Handler<Leaving>] {
        begin
        spoil
    }

    @Variable var ending = ""
    private var hasBegun = false

    func run(_ context: WorkflowContext) async throws -> String {
        async let _ = context.execute(Self.work, 1)
        try await context.wait(deadline: .distantFuture) { self.hasBegun }
        return "left"
    }

    func begin(_ context: WorkflowContext) async throws {
        hasBegun = true
        do { try await context.sleep(for: .seconds(3600)) } catch { ending = "\(type(of: error))" }
    }

    func spoil(_ context: WorkflowContext) async throws {
        try await context.sleep(for: .milliseconds(1))
        throw Broken(part: "soup")
    }
}

@Suite struct SignalTests {
    @Test(arguments: BackendKind.allCases)
    func `Signals are received in their order, none lost and none twice`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let handle = try await site.client.start(Collecting.self, id: "collecting", 20)
            for number in 0..<10 { try await handle.signal(Collecting.number, number) }
            try await site.withWorker {
                Collecting.self
            } during: {
                for number in 10..<20 { try await handle.signal(Collecting.number, number) }
                #expect(try await handle.result(timeout: .patience) == Array(0..<20))
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A receive ends at its deadline with nothing, and a signal that comes later waits for the next one`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            let early = try await site.client.start(Asking.self, id: "early")
            for answer in [1, 2] { try await early.signal(Asking.answer, answer) }
            try await site.withWorker {
                Asking.self
            } during: {
                #expect(try await early.result(timeout: .patience) == [1, 2])
                let late = try await site.client.start(Asking.self, id: "late")
                // The first deadline has passed, and the workflow knows.
                try await late.wait(until: { $0.through >= 3 }, timeout: .patience)
                try await late.signal(Asking.answer, 42)
                #expect(try await late.result(timeout: .patience) == [nil, 42])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A handler sleeps and calls activities beside run, and each waits for the other`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker(WorkerOptions(maxCachedRuns: 0)) {
                Kitchen.self
                Kitchen.chop.implement { "chopped \($0)" }
            } during: {
                let handle = try await site.client.start(Kitchen.self, id: "kitchen")
                try await handle.signal(Kitchen.order, "leek")
                #expect(try await handle.result(timeout: .patience) == ["chopped leek", "served", "eaten"])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `What a handler throws fails the run, and what was begun is taken back`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Leaving.self
            } during: {
                let handle = try await site.client.start(Leaving.self, id: "spoilt")
                try await handle.signal(Leaving.spoil)
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await handle.result(timeout: .patience)
                }
                #expect(failure.details(as: Broken.self) == Broken(part: "soup"))
                #expect(try await handle.describe().state == .failed)
            }
            // The activity and the timer of run are gone: the checks at the end see to that.
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A handler that is unfinished when run returns ends with it, and what it had begun is taken back`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Leaving.self
            } during: {
                let handle = try await site.client.start(Leaving.self, id: "leaving")
                try await handle.signal(Leaving.begin)
                #expect(try await handle.result(timeout: .patience) == "left")
                let variables = try await site.debugger.variables(of: Leaving.self, id: "leaving")
                // It was not cancelled: the run is over, and nothing of it is executed any more.
                #expect(try variables.value("ending") == "")
            }
        }
    }
}

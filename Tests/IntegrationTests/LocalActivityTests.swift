import Foundation
import Reprise
import Testing

private enum Rates {
    static let lookUp = Activity<String, Int>("lookUp", retry: .fixed(.milliseconds(5), attempts: 3, jitter: 0))
    static let hang = Activity<Void, Int>("hang", timeout: .milliseconds(30))
    static let wait = Activity<Void, Int>("wait", retry: .exponential(), timeout: .seconds(600))
    static let charge = Activity<Int, Int>("charge")
}

private struct Unknown: Error, Codable, Equatable { var currency: String }

private final class Exchange: Workflow {
    private let input: [String]
    init(input: [String]) { self.input = input }
    @Variable var rates: [Int] = []

    func run(_ context: WorkflowContext) async throws -> [Int] {
        rates = try await context.map(input) { try await context.executeLocally(Rates.lookUp, $0) }
        let total = try await context.execute(Rates.charge, rates.reduce(0, +))
        return rates + [try await context.executeLocally(Rates.lookUp, "again"), total]
    }
}

private final class Unlucky: Workflow {
    func run(_ context: WorkflowContext) async throws -> [String] {
        var seen: [String] = []
        do { try await context.executeLocally(Rates.lookUp, "???") } catch let failure as ActivityFailure {
            seen.append("\(failure.type) \(failure.attempts) \(failure.details(as: Unknown.self)?.currency ?? "")")
        }
        do { try await context.executeLocally(Rates.hang) } catch let failure as ActivityFailure {
            seen.append("\(failure.timeout?.rawValue ?? failure.type)")
        }
        return seen
    }
}

/// Two local activities race.
private final class LocalRace: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int {
        try await context.race(
            { try await context.executeLocally(Rates.lookUp, "EUR") },
            { try await context.executeLocally(Rates.wait) })
    }
}

/// Waits for one that takes its time.
private final class Waiting: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { try await context.executeLocally(Rates.wait) }
}

/// Has less time for the activity than the activity itself.
private final class Hurried: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        do {
            try await context.executeLocally(
                Rates.wait, options: .init(retry: RetryPolicy.none, scheduleToClose: .milliseconds(20)))
            return "done"
        } catch let failure as ActivityFailure { return failure.type }
    }
}

@Suite struct LocalActivityTests {
    @Test(arguments: BackendKind.allCases)
    func `Local activities run in the turn, are recorded with it, and are not run again by a replay`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            let calls = Recorder<String>()
            var options = WorkerOptions()
            options.maxCachedRuns = 0
            try await site.withWorker(options) {
                Exchange.self
                Rates.lookUp.implement { currency in
                    calls.add(currency)
                    return currency.utf8.count
                }
                Rates.charge.implement { $0 * 100 }
            } during: {
                let handle = try await site.client.start(Exchange.self, id: "x", ["EUR", "YENS", "KRONA"])
                #expect(try await handle.result(timeout: .patience) == [3, 4, 5, 5, 1200])
                #expect(calls.all.sorted() == ["EUR", "KRONA", "YENS", "again"])
                let history = try await site.backend.history(of: handle.run, after: 0, limit: 100)
                // Two turns, and one activity between them.
                #expect(history.map(\.kind) == [.started, .turn, .activityCompleted, .turn])
                let variables = try await site.debugger.variables(of: Exchange.self, id: "x")
                #expect(variables.json.contains("[3,4,5]"))
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A local activity is tried again by its policy, and its timeout and failure are typed`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Unlucky.self
                Rates.lookUp.implement { throw Unknown(currency: $0) }
                Rates.hang.implement {
                    try await Task.sleep(for: .seconds(60))
                    return 1
                }
            } during: {
                let handle = try await site.client.start(Unlucky.self, id: "x")
                #expect(try await handle.result(timeout: .patience) == ["Unknown 3 ???", "StartToCloseTimeout"])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `One that lost a race is cancelled, and the turn doesn't wait for its end`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                LocalRace.self
                Rates.lookUp.implement { $0.utf8.count }
                Rates.wait.implement {
                    try await Task.sleep(for: .seconds(600))
                    return 0
                }
            } during: {
                let handle = try await site.client.start(LocalRace.self, id: "x")
                #expect(try await handle.result(timeout: .patience) == 3)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A worker that stops doesn't wait for one, and hands the turn to another`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let began = Gate()
            let handle = try await site.withWorker {
                Waiting.self
                Rates.wait.implement {
                    began.open()
                    try await Task.sleep(for: .seconds(600))
                    return 0
                }
            } during: {
                let handle = try await site.client.start(Waiting.self, id: "x")
                await began.wait()
                return handle
            }
            try await site.withWorker {
                Waiting.self
                Rates.wait.implement { 7 }
            } during: {
                let result = try await handle.result(timeout: .patience)
                #expect(result == 7)
                // Nothing of the first try is recorded.
                let history = try await site.history(of: handle.run)
                #expect(history.map(\.kind) == [.started, .turn])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `When the claim of the turn is lost, one that runs is cancelled at once`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let (began, ended) = (Gate(), Gate())
            var options = WorkerOptions()
            options.lease = .milliseconds(300)
            try await site.withWorker(options) {
                Waiting.self
                Rates.wait.implement {
                    began.open()
                    defer { ended.open() }
                    try await Task.sleep(for: .seconds(600))
                    return 0
                }
            } during: {
                let handle = try await site.client.start(Waiting.self, id: "x")
                await began.wait()
                try await handle.terminate(reason: "enough")
                await ended.wait()
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `The failure says which of the timeouts passed`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Hurried.self
                Rates.wait.implement {
                    try await Task.sleep(for: .seconds(600))
                    return 0
                }
            } during: {
                let handle = try await site.client.start(Hurried.self, id: "x")
                #expect(try await handle.result(timeout: .patience) == "ScheduleToCloseTimeout")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A worker without the activity blocks the run with the reason, and one that has it goes on`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            var options = WorkerOptions(buildID: "1")
            options.turnRetry = .none
            try await site.withWorker(options) {
                Unlucky.self
            } during: {
                let handle = try await site.client.start(Unlucky.self, id: "x")
                let blocked = try await handle.wait(until: { $0.state == .blocked }, timeout: .patience)
                #expect(blocked.reason?.contains("lookUp") == true)
            }
            try await site.withWorker(WorkerOptions(buildID: "2")) {
                Unlucky.self
                Rates.lookUp.implement { $0.utf8.count }
                Rates.hang.implement { 1 }
            } during: {
                let handle = try await site.client.handle(Unlucky.self, id: "x")
                #expect(try await handle.result(timeout: .patience) == [])
            }
        }
    }
}

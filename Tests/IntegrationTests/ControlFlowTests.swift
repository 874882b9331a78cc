import Foundation
import Reprise
import Testing

private enum Steps {
    static let slow = Activity<String, String>("slow")
}

private final class Bounded: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        do {
            return try await context.withTimeout(.milliseconds(50)) { try await context.execute(Steps.slow, "slow") }
        } catch is TimedOut {
            return "gave up"
        }
    }
}

private struct Broken: Error {}

/// What became of each of several bounded pieces of work.
private final class Patient: Workflow {
    static let go = Signal<Patient, Void>("go")
    @Variable var endings: [String] = []

    func run(_ context: WorkflowContext) async throws {
        endings.append(
            await ending {
                try await context.withTimeout(.milliseconds(5)) { try await context.sleep(for: .seconds(3600)) }
                return "slept"
            })
        endings.append(
            await ending { try await context.withTimeout(.seconds(3600)) { () -> String in throw Broken() } })
        endings.append(
            await ending {
                try await context.withTimeout(.milliseconds(5)) {
                    do { try await context.sleep(for: .seconds(3600)) } catch { return "swallowed" }
                    return "slept"
                }
            })
        endings.append(await ending { try await context.withTimeout(.seconds(3600)) { "returned" } })
        let cancelled = await withTaskGroup(of: String.self) { group in
            group.cancelAll()
            group.addTask { await ending { try await context.withTimeout(.seconds(3600)) { "returned" } } }
            return await group.next() ?? ""
        }
        endings.append(cancelled)
        try await context.receive(Self.go)
    }
}

private func ending(_ body: () async throws -> String) async -> String {
    do { return try await body() } catch { return "\(type(of: error))" }
}

private final class Racing: Workflow {
    static let decided = Signal<Racing, String>("decided")
    static let go = Signal<Racing, Void>("go")
    static let never = Activity<Void, String>("never")

    func run(_ context: WorkflowContext) async throws -> [String] {
        var winners: [String] = []
        for delay in [Duration.milliseconds(5), .seconds(3600)] {
            winners.append(
                try await context.race(
                    { try await context.receive(Self.decided) },
                    {
                        try await context.sleep(for: delay)
                        return "late"
                    },
                    { try await context.execute(Self.never) }))
        }
        try await context.receive(Self.go)
        return winners
    }
}

private final class Mapping: Workflow {
    static let step = Activity<Int, Int>("step")
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> [Int] {
        try await context.map(0..<input, maxConcurrent: 3) { try await context.execute(Self.step, $0) }
    }
}

@Suite struct ControlFlowTests {
    @Test(arguments: BackendKind.allCases)
    func `A timeout ends what it is around, lets results and errors through, and leaves no timer`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Patient.self
            } during: {
                let handle = try await site.client.start(Patient.self, id: "patient")
                // Started, and two timeouts.
                try await handle.wait(until: { $0.through >= 5 }, timeout: .patience)
                let variables = try await site.debugger.variables(of: Patient.self, id: "patient")
                #expect(
                    try variables.value("endings", as: [String].self)
                        == ["TimedOut", "Broken", "swallowed", "returned", "CancellationError"])
                #expect(try await site.nextDue() == nil)
                try await handle.signal(Patient.go)
                try await handle.result(timeout: .patience)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A race is decided by the first, and nothing of the losers stays behind`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            // No worker has the activity: it is queued until it has lost.
            try await site.withWorker {
                Racing.self
            } during: {
                let handle = try await site.client.start(Racing.self, id: "racing")
                // Started, and the first race's timer.
                try await handle.wait(until: { $0.through >= 3 }, timeout: .patience)
                try await handle.signal(Racing.decided, "Ada")
                try await handle.wait(until: { $0.through >= 5 }, timeout: .patience)
                #expect(try await site.nextDue() == nil)
                try await handle.signal(Racing.go)
                #expect(try await handle.result(timeout: .patience) == ["late", "Ada"])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A map keeps to its window and to the order of its items`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let running = Gauge()
            let three = Gate()
            try await site.withWorker {
                Mapping.self
                Mapping.step.implement { input in
                    if running.enter() == 3 { three.open() }
                    await three.wait()
                    running.leave()
                    return input * input
                }
            } during: {
                let handle = try await site.client.start(Mapping.self, id: "mapping", 20)
                #expect(try await handle.result(timeout: .patience) == (0..<20).map { $0 * $0 })
            }
            #expect(running.highest == 3)
            #expect(running.total == 20)
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `The first error of a map ends it, and begins nothing more`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let begun = Recorder<Int>()
            try await site.withWorker {
                Mapping.self
                Mapping.step.implement { input in
                    begun.add(input)
                    if input == 1 { throw Broken() }
                    // Ends when it is cancelled, or with the worker: nobody waits for it.
                    try await Task.sleep(for: .seconds(3600))
                    return input
                }
            } during: {
                let handle = try await site.client.start(Mapping.self, id: "mapping", 20)
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await handle.result(timeout: .patience)
                }
                #expect(failure.details(as: ActivityFailure.self)?.type == "Broken")
            }
            #expect(begun.all.sorted() == [0, 1, 2])
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `What takes too long is given up by the workflow`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Bounded.self
            } during: {
                let handle = try await site.client.start(Bounded.self, id: "x")
                #expect(try await handle.result(timeout: .patience) == "gave up")
            }
        }
    }
}

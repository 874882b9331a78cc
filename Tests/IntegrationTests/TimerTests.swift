import Dispatch
import Foundation
import Reprise
import Testing

private final class Hurried: Workflow {
    static let hint = Signal<Hurried, Int>("hint")
    func run(_ context: WorkflowContext) async throws -> [String] {
        try await context.sleep(for: .zero)
        try await context.sleep(for: .seconds(-1))
        try await context.sleep(until: context.startedAt)
        try await context.sleep(until: .distantPast)
        let waited = try await context.wait(deadline: context.now) { false }
        let received = try await context.receive(Self.hint, deadline: context.now)
        return ["\(waited)", "\(received as Int?)"]
    }
}

private final class Sleepers: Workflow {
    func run(_ context: WorkflowContext) async throws -> [Int] {
        var ended = try await withThrowingTaskGroup(of: Int.self) { group in
            for milliseconds in [60, 20, 40] {
                group.addTask {
                    try await context.sleep(for: .milliseconds(milliseconds))
                    return milliseconds
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for milliseconds in [10, 5] {
            try await context.sleep(for: .milliseconds(milliseconds))
            ended.append(milliseconds)
        }
        return ended
    }
}

private final class NeverAsleep: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { try await context.sleep(for: .seconds(3600)) }
            do { try await group.waitForAll() } catch { return "\(type(of: error))" }
            return "slept"
        }
    }
}

private final class Woken: Workflow {
    static let go = Signal<Woken, Void>("go")
    func run(_ context: WorkflowContext) async throws -> String {
        let ending = await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await context.sleep(for: .seconds(3600)) }
            do {
                try await context.sleep(for: .milliseconds(1))
                group.cancelAll()
                try await group.waitForAll()
            } catch { return "\(type(of: error))" }
            return "slept"
        }
        try await context.receive(Self.go)
        return ending
    }
}

/// Holds its worker's thread in the turn that cancels a timer, until it is let go.
private final class Holding: Workflow {
    static let held = Recorder<Gate>()
    static let letGo = DispatchSemaphore(value: 0)
    func run(_ context: WorkflowContext) async throws -> String {
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await context.sleep(for: .milliseconds(100)) }
            do {
                try await context.sleep(for: .milliseconds(1))
                group.cancelAll()
                Self.held.all.last?.open()
                _ = Self.letGo.wait(timeout: .now() + 20)
                try await group.waitForAll()
            } catch { return "\(type(of: error))" }
            return "slept"
        }
    }
}

private final class Clocked: Workflow {
    static let tick = Activity<Void, Void>("tick")
    func run(_ context: WorkflowContext) async throws -> [Date] {
        var times = [context.startedAt, context.now, context.now]
        try await context.execute(Self.tick)
        times += [context.now, context.now]
        try await context.sleep(for: .milliseconds(5))
        return times + [context.now]
    }
}

@Suite struct TimerTests {
    @Test(arguments: BackendKind.allCases)
    func `A sleep of nothing or less returns at once and sets no timer`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Hurried.self
            } during: {
                let handle = try await site.client.start(Hurried.self, id: "hurried")
                #expect(try await handle.result(timeout: .patience) == ["deadlineReached", "nil"])
                #expect(try await site.commands(of: handle.run).map(\.kind) == [.complete])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Sleeps side by side end by their due times, sleeps in a row one after the other`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Sleepers.self
            } during: {
                let handle = try await site.client.start(Sleepers.self, id: "sleepers")
                #expect(try await handle.result(timeout: .patience) == [20, 40, 60, 10, 5])
                let first = try #require(try await site.history(of: handle.run).first { $0.kind == .turn })
                #expect(
                    try Turn(decoding: first.payload).commands.map(\.kind) == [.startTimer, .startTimer, .startTimer])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A task that is cancelled before it sleeps sets no timer`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                NeverAsleep.self
            } during: {
                let handle = try await site.client.start(NeverAsleep.self, id: "never")
                #expect(try await handle.result(timeout: .patience) == "CancellationError")
                #expect(try await site.commands(of: handle.run).map(\.kind) == [.complete])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A cancelled sleep ends at once, and its timer is gone`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Woken.self
            } during: {
                let handle = try await site.client.start(Woken.self, id: "woken")
                // Started, and the short timer.
                try await handle.wait(until: { $0.through >= 3 }, timeout: .patience)
                #expect(
                    try await site.commands(of: handle.run).map(\.kind) == [.startTimer, .startTimer, .cancelOperation])
                #expect(try await site.nextDue() == nil)
                try await handle.signal(Woken.go)
                #expect(try await handle.result(timeout: .patience) == "CancellationError")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Time stands still within a step, and goes on with what is waited for`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Clocked.self
                Clocked.tick.implement {}
            } during: {
                let handle = try await site.client.start(Clocked.self, id: "clocked")
                let times = try await handle.result(timeout: .patience)
                let arrivals = try await site.history(of: handle.run).filter(\.isArrival).map(\.time.date)
                #expect(arrivals.count == 3)
                #expect(times == [0, 0, 0, 1, 1, 2].map { arrivals[$0] })
            }
        }
    }
}

@Suite(.serialized) struct TimerRaceTests {
    @Test(arguments: BackendKind.allCases)
    func `A timer that fires while the turn that cancels it is under way is ignored`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let held = Gate()
            Holding.held.add(held)
            try await site.withWorker {
                Holding.self
            } during: {
                let handle = try await site.client.start(Holding.self, id: "holding")
                await held.wait()
                // Started, the short timer, the long one: recorded although the turn is still being taken.
                let description = try await handle.wait(until: { $0.lastArrival == 4 }, timeout: .patience)
                #expect(description.state == .leased)
                Holding.letGo.signal()
                #expect(try await handle.result(timeout: .patience) == "CancellationError")
                let kinds = try await site.history(of: handle.run).map(\.kind)
                #expect(kinds == [.started, .turn, .timerFired, .timerFired, .turn])
            }
        }
    }
}

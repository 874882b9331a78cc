import Foundation
import Reprise
import Testing

/// A workflow, and a later build of it that does something else.
private enum Plan {
    static let pack = Activity<Int, Int>("pack")
    static let ship = Activity<Int, Int>("ship")

    final class Original: Workflow {
        static let name = "plan"
        static let go = Signal<Original, Int>("go")
        func run(_ context: WorkflowContext) async throws -> String {
            let packed = try await context.execute(Plan.pack, 1)
            let deadline = context.startedAt.addingTimeInterval(3600)
            let number = try await context.receive(Self.go, deadline: deadline)
            return "\(packed) \(number.map(String.init) ?? "late")"
        }
    }

    final class Changed: Workflow {
        static let name = "plan"
        func run(_ context: WorkflowContext) async throws -> String {
            "\(try await context.execute(Plan.ship, 1))"
        }
    }
}

@Suite struct DivergenceTests {
    @Test(arguments: BackendKind.allCases)
    func
        `A run whose code changed is blocked with both commands, keeps its timers, and goes on when a build replays it`(
            _ kind: BackendKind
        ) async throws
    {
        try await Site.with(kind) { site in
            let executions = Gauge()
            let pack = Plan.pack.implement { input in
                executions.enter()
                return input
            }
            let handle = try await site.client.start(Plan.Original.self, id: "plan")
            try await site.withWorker(WorkerOptions(buildID: "1")) {
                Plan.Original.self
                pack
            } during: {
                _ = try await handle.wait(until: { $0.through >= 3 }, timeout: .patience)
            }
            let due = try await site.nextDue()
            #expect(due != nil)
            let retry = RetryPolicy.fixed(.milliseconds(5), attempts: 2)
            try await site.withWorker(WorkerOptions(turnRetry: retry, buildID: "2")) {
                Plan.Changed.self
                pack
                Plan.ship.implement { $0 }
            } during: {
                try await handle.signal(Signal<Plan.Original, Int>("unknown"), 1)
                let blocked = try await handle.wait(until: { $0.state == .blocked }, timeout: .patience)
                let reason = try #require(blocked.reason)
                for fragment in ["activity pack at", "activity ship at", "DivergenceTests.swift:"] {
                    #expect(reason.contains(fragment), "\(reason)")
                }
                #expect(try await site.nextDue() == due)
            }
            try await site.withWorker(WorkerOptions(buildID: "3")) {
                Plan.Original.self
                pack
            } during: {
                try await handle.signal(Plan.Original.go, 2)
                #expect(try await handle.result(timeout: .patience) == "1 2")
            }
            #expect(executions.total == 1)
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A debugger whose code doesn't fit the history says so, and changes nothing`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Plan.Original.self
                Plan.pack.implement { $0 }
            } during: {
                let handle = try await site.client.start(Plan.Original.self, id: "plan")
                try await handle.signal(Plan.Original.go, 5)
                #expect(try await handle.result(timeout: .patience) == "1 5")
                let before = try await (handle.describe(), site.history(of: handle.run))
                let failure = try await #require(throws: TurnFailure.self) {
                    try await site.debugger.variables(of: Plan.Changed.self, id: "plan")
                }
                #expect(failure.kind == .divergence)
                let after = try await (handle.describe(), site.history(of: handle.run))
                #expect(before == after)
            }
        }
    }
}

import Foundation
import Reprise
import Testing

private enum Steps {
    static let slow = Activity<String, String>("slow")
}

private final class Deciding: Workflow {
    static let decided = Signal<Deciding, String>("decided")

    func run(_ context: WorkflowContext) async throws -> String {
        try await context.race(
            { try await context.receive(Self.decided) },
            { try await context.execute(Steps.slow, "slow") },
            {
                try await context.sleep(for: .days(3))
                return "expired"
            })
    }
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

@Suite struct ControlFlowTests {
    @Test(arguments: BackendKind.allCases)
    func `A race is decided by the first, and nothing of the losers stays behind`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Deciding.self
            } during: {
                let handle = try await site.client.start(Deciding.self, id: "x")
                try await handle.wait(until: { $0.state == .idle }, timeout: .patience)
                try await handle.signal(Deciding.decided, "yes")
                #expect(try await handle.result(timeout: .patience) == "yes")
            }
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

import Foundation
import Reprise
import Testing

private enum Work {
    static let common = Activity<Int, Int>("common")
    static let rare = Activity<Int, Int>("rare")
}

private final class Billing: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(Work.common, 1) }
}

private final class Mixed: Workflow {
    private let input: Bool
    init(input: Bool) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int {
        try await context.execute(input ? Work.rare : Work.common, 2)
    }
}

@Suite struct QueueTests {
    @Test(arguments: BackendKind.allCases)
    func `A run goes to the queue that its start names, and to no other worker`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let slow = try await site.client.start(Billing.self, id: "slow", options: .init(queue: "slow"))
            try await site.withWorker {
                Billing.self
                Work.common.implement { $0 }
            } during: {
                let usual = try await site.client.start(Billing.self, id: "usual")
                #expect(try await usual.result(timeout: .patience) == 1)
                let waiting = try await slow.describe()
                #expect(waiting.queue == "slow")
                #expect(waiting.state == .queued)
                try await site.withWorker(queue: "slow") {
                    Billing.self
                    Work.common.implement { $0 * 10 }
                } during: {
                    // Its activities go to its own queue, too.
                    let result = try await slow.result(timeout: .patience)
                    #expect(result == 10)
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity that no worker has waits for one, and holds up nobody`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            // One slot: a task that can't be run must not take it.
            try await site.withWorker(WorkerOptions(maxConcurrentActivities: 1)) {
                Mixed.self
                Work.common.implement { $0 }
            } during: {
                let rare = try await site.client.start(Mixed.self, id: "rare", true)
                try await rare.wait(until: { $0.state == .idle }, timeout: .patience)
                let common = try await site.client.start(Mixed.self, id: "common", false)
                #expect(try await common.result(timeout: .patience) == 2)
                #expect(try await rare.describe().state == .idle)
                try await site.withWorker {
                    Work.rare.implement { (input: Int, context: ActivityContext) in input * 10 + context.attempt }
                } during: {
                    let result = try await rare.result(timeout: .patience)
                    #expect(result == 21)
                }
            }
        }
    }
}

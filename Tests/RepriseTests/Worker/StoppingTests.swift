import Logging
import RepriseTesting
import Testing

@testable import Reprise

private final class Quick: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { 1 }
}

private final class Counting: Workflow {
    static let count = Activity<Void, Int>("count", timeout: .seconds(60))
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(Counting.count) }
}

@Suite struct StoppingTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(.timeLimit(.minutes(1)))
    func `A worker that stops while the store is away hands its turns back, and none of them has failed`() async throws
    {
        let backend = UnreachableBackend()
        backend.refuseCommits(true)
        let worker = try Worker(backend: backend, logger: logger) { Quick.self }
        let running = Task { try await worker.run() }
        let run = try await WorkflowClient(backend: backend).start(Quick.self, id: "quick").run
        while backend.refused == 0 { await Task.yield() }
        running.cancel()
        try await running.value
        let description = try await backend.describe(workflowID: run.workflowID, runNumber: run.number)
        #expect(description.state == .queued)
        #expect(description.turnFailures == 0)
        #expect(description.reason == nil)
    }

    @Test(.timeLimit(.minutes(1)))
    func `A worker that stops goes on to report the activities that have ended`() async throws {
        let backend = UnreachableBackend()
        backend.refuseCompletions(.max)
        let worker = try Worker(backend: backend, logger: logger) {
            Counting.self
            Counting.count.implement { _, _ in 1 }
        }
        let running = Task { try await worker.run() }
        let run = try await WorkflowClient(backend: backend).start(Counting.self, id: "counting").run
        // The first failure is followed by a recovery: the third is that of a repetition.
        while backend.refused < 3 { await Task.yield() }
        running.cancel()
        backend.refuseCompletions(2)
        try await running.value
        let history = try await backend.history(of: run, after: 0, limit: 100)
        #expect(history.contains { $0.kind == .activityCompleted })
        #expect(backend.releasedActivities == 0)
    }

    @Test(.timeLimit(.minutes(1)), arguments: HangingBackend.Call.allCases)
    func `A worker that is told to stop doesn't wait for answers of the store`(_ call: HangingBackend.Call) async throws
    {
        let backend = HangingBackend(hanging: call)
        var worker = try Worker(backend: backend, logger: logger) { Quick.self }
        worker.runtime = .hurried(20)
        let running = Task { [worker] in try await worker.run() }
        while call != .unregister, !backend.hasHung { await Task.yield() }
        running.cancel()
        try await running.value
        #expect(backend.hasHung)
    }
}

import Logging
import RepriseTesting
import Testing

@testable import Reprise

private final class Quick: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { 1 }
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

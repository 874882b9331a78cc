import Logging
import Reprise
import RepriseTesting
import Testing

private final class Quick: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { 1 }
}

@Suite struct StoppingTests {
    @Test(.timeLimit(.minutes(1)))
    func `A worker that stops while the store is away hands its turns back, and none of them has failed`() async throws
    {
        let backend = UnreachableBackend()
        backend.refuseCommits(true)
        let worker = try Worker(
            backend: backend, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { Quick.self }
        let running = Task { try await worker.run() }
        let run = try await WorkflowClient(backend: backend).start(Quick.self, id: "quick").run
        while backend.refusedCommits == 0 { await Task.yield() }
        running.cancel()
        try await running.value
        let description = try await backend.describe(workflowID: run.workflowID, runNumber: run.number)
        #expect(description.state == .queued)
        #expect(description.turnFailures == 0)
        #expect(description.reason == nil)
    }
}

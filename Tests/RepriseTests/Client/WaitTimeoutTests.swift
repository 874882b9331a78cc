import Reprise
import RepriseTesting
import Testing

private final class Quick: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { 1 }
}

/// A backend in memory that answers neither waits nor questions.
private final class SilentBackend: ForwardingBackend {
    let target = InMemoryBackend()

    func wait(for run: RunID, until condition: RunCondition) async throws(BackendError) -> RunDescription {
        try await hang()
    }

    func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription {
        try await hang()
    }

    private func hang() async throws(BackendError) -> RunDescription {
        try? await Task.sleep(for: .seconds(1000))
        throw BackendError(.cancelled, "the task was cancelled")
    }
}

@Suite struct WaitTimeoutTests {
    @Test(.timeLimit(.minutes(1)))
    func `A timeout passes also while the store doesn't answer`() async throws {
        let handle = try await WorkflowClient(backend: SilentBackend()).start(Quick.self, id: "quick")
        let timeout = await #expect(throws: WaitTimeout.self) { try await handle.result(timeout: .milliseconds(10)) }
        #expect(timeout?.lastSeen == nil)
    }
}

import Logging
import RepriseTesting
import Synchronization
import Testing

@testable import Reprise

private final class Quick: Workflow {
    func run(_ context: WorkflowContext) async throws -> Int { 1 }
}

/// A backend that answers all calls but one, like a Redis that doesn't allow a command, or became a replica.
private final class RefusingBackend: ForwardingBackend {
    enum Call: CaseIterable { case claim, waitForWork }

    let target = InMemoryBackend()
    private let refused: Call
    private let state = Mutex(0)

    init(refusing refused: Call) { self.refused = refused }

    var refusals: Int { state.withLock { $0 } }

    func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork {
        if refused == .claim { try refuse() }
        return try await target.claim(request)
    }

    func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError) {
        if refused == .waitForWork { try refuse() }
        try await target.waitForWork(worker: worker, until: due)
    }

    private func refuse() throws(BackendError) {
        state.withLock { $0 += 1 }
        throw BackendError(.misconfigured, "READONLY")
    }
}

@Suite struct RefusedClaimTests {
    @Test(.timeLimit(.minutes(1)), arguments: RefusingBackend.Call.allCases)
    fileprivate func `A worker whose calls are refused comes back less and less often`(
        _ call: RefusingBackend.Call
    ) async throws {
        let backend = RefusingBackend(refusing: call)
        var worker = try Worker(
            backend: backend, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { Quick.self }
        let pauses = Mutex<[Duration]>([])
        let hurried = WorkerRuntime.hurried(100)
        worker.runtime = hurried
        worker.runtime.sleep = { end in
            pauses.withLock { $0.append(end - hurried.now()) }
            try await hurried.sleep(end)
        }
        let running = Task { [worker] in try await worker.run() }
        while backend.refusals < 10 { await Task.yield() }
        running.cancel()
        try await running.value
        // The renewals sleep for longer.
        let longest = pauses.withLock { $0.filter { $0 <= .seconds(2) }.max() } ?? .zero
        #expect(longest > .seconds(0.9))
    }
}

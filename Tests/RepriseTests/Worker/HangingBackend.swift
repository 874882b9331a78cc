import Reprise
import RepriseTesting
import Synchronization

/// A backend in memory of which one call gets no answer before its task is cancelled.
final class HangingBackend: ForwardingBackend {
    enum Call: CaseIterable {
        case preflight, register, claim, recover, recoverAfterWait, unregister
    }

    let target = InMemoryBackend()
    private let hanging: Call
    private let state = Mutex(false)

    init(hanging: Call) { self.hanging = hanging }

    /// Whether somebody waits for the answer.
    var hasHung: Bool { state.withLock { $0 } }

    func preflight() async throws(BackendError) -> [PreflightFinding] {
        try await hang(in: .preflight)
        return []
    }

    func register(_ worker: WorkerRegistration) async throws(BackendError) {
        try await hang(in: .register)
        try await target.register(worker)
    }

    func unregister(worker: String) async throws(BackendError) {
        try await hang(in: .unregister)
        try await target.unregister(worker: worker)
    }

    func claim(_ request: ClaimRequest) async throws(BackendError) -> ClaimedWork {
        try await hang(in: .claim)
        if hanging == .recover { throw BackendError(.unavailable, "out of reach") }
        return try await target.claim(request)
    }

    func recover(worker: String, keeping nonces: [String]) async throws(BackendError) {
        try await hang(in: .recover)
        try await hang(in: .recoverAfterWait)
    }

    func waitForWork(worker: String, until due: Timestamp?) async throws(BackendError) {
        if hanging == .recoverAfterWait { throw BackendError(.unavailable, "out of reach") }
        try await target.waitForWork(worker: worker, until: due)
    }

    private func hang(in call: Call) async throws(BackendError) {
        guard call == hanging else { return }
        state.withLock { $0 = true }
        try? await Task.sleep(for: .seconds(1000))
        throw BackendError(.cancelled, "the task was cancelled")
    }
}

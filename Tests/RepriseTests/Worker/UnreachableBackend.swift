import Reprise
import RepriseTesting
import Synchronization

/// A backend in memory that can't be reached by commits, from some time on.
final class UnreachableBackend: ForwardingBackend {
    let target = InMemoryBackend()
    private let state = Mutex((refusesCommits: false, refused: 0))

    func refuseCommits(_ refuses: Bool) { state.withLock { $0.refusesCommits = refuses } }
    var refusedCommits: Int { state.withLock { $0.refused } }

    func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        let isRefused = state.withLock { state in
            if state.refusesCommits { state.refused += 1 }
            return state.refusesCommits
        }
        if isRefused { throw BackendError(.unavailable, "out of reach") }
        return try await target.commit(commit, claiming: request)
    }
}

import Reprise
import RepriseTesting
import Synchronization

/// A backend in memory that can't be reached by commits or completions, for some time.
final class UnreachableBackend: ForwardingBackend {
    private struct State {
        var refusesCommits = false
        var completionsToRefuse = 0
        var refused = 0
        var releasedActivities = 0
    }

    let target = InMemoryBackend()
    private let state = Mutex(State())

    func refuseCommits(_ refuses: Bool) { state.withLock { $0.refusesCommits = refuses } }
    /// So many more.
    func refuseCompletions(_ count: Int) { state.withLock { $0.completionsToRefuse = count } }
    var refused: Int { state.withLock { $0.refused } }
    var releasedActivities: Int { state.withLock { $0.releasedActivities } }

    func commit(
        _ commit: Commit, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        try check { $0.refusesCommits }
        return try await target.commit(commit, claiming: request)
    }

    func commit(
        _ turn: ForeseenTurn, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (isRecorded: Bool, work: ClaimedWork?) {
        try check { state in
            state.completionsToRefuse -= 1
            return state.completionsToRefuse >= 0 || state.refusesCommits
        }
        return try await target.commit(turn, claiming: request)
    }

    func complete(
        _ completion: ActivityCompletion, claiming request: ClaimRequest?
    ) async throws(BackendError) -> (answer: ActivityCompletion.Answer, work: ClaimedWork?) {
        try check { state in
            state.completionsToRefuse -= 1
            return state.completionsToRefuse >= 0
        }
        return try await target.complete(completion, claiming: request)
    }

    func release(_ claim: ActivityClaim) async throws(BackendError) -> ReleaseAnswer {
        state.withLock { $0.releasedActivities += 1 }
        return try await target.release(claim)
    }

    private func check(_ isRefused: (inout State) -> Bool) throws(BackendError) {
        let isRefused = state.withLock { state in
            let isRefused = isRefused(&state)
            if isRefused { state.refused += 1 }
            return isRefused
        }
        if isRefused { throw BackendError(.unavailable, "out of reach") }
    }
}

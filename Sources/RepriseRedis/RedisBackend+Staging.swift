import RedisClient
import Reprise

/// Turns of more effects than one script may apply, see `Scripts/Parts/staging.lua`.
extension RedisBackend {
    /// Stages the effects, commits, applies them page by page, and then takes work: all in one burst.
    func commitInPages(
        _ commit: Commit, _ staging: [ScriptRunner.Call], _ item: WorkItem
    ) async throws(BackendError) -> (answer: CommitAnswer, work: ClaimedWork?) {
        var burst = pagedCalls(commit, staging, item)
        guard let request = item.request else {
            let replies = try await runner.sendRepeating(burst)
            return (try await pagedAnswer(replies[staging.count], commit), nil)
        }
        burst.append(calls.make([WorkItem(.none, before: request)], of: request.worker))
        let replies = try await runner.send(burst)
        // An error of a page says more than that the page isn't there.
        let failed = replies[..<staging.count].first { $0.serverError != nil }
        let answer: CommitAnswer
        do throws(BackendError) {
            answer = try await pagedAnswer(try errors.checked(failed ?? replies[staging.count]), commit)
        } catch {
            await giveBack(try? await work(in: replies[burst.count - 1], request))
            throw error
        }
        return (answer, try await work(in: replies[burst.count - 1], request))
    }

    /// The calls of a commit whose effects are staged, without a claim.
    func pagedCalls(
        _ commit: Commit, _ staging: [ScriptRunner.Call], _ item: WorkItem
    ) -> [ScriptRunner.Call] {
        let alone = WorkItem(item.kind, item.arguments, before: nil)
        let call = calls.make([alone], of: nil, before: item.request?.worker)
        // Those of a closing turn are left to claims.
        let pages = commit.closing == nil ? staging.count : 0
        return staging + [call] + (0..<pages).map { _ in applyCall(commit, before: item.request) }
    }

    private func pagedAnswer(_ reply: RedisReply, _ commit: Commit) async throws(BackendError) -> CommitAnswer {
        if let answer = try commitAnswer(try firstAnswer(reply), commit) { return answer }
        return try await commitPrepared(commit)
    }

    /// The answer to the only item of a call.
    func firstAnswer(_ reply: RedisReply) throws(BackendError) -> RedisReply { try element(0, of: reply) }

    private func work(in reply: RedisReply, _ request: ClaimRequest) async throws(BackendError) -> ClaimedWork? {
        try await claimedWork(try element(1, of: reply), request)
    }

    private func element(_ index: Int, of reply: RedisReply) throws(BackendError) -> RedisReply {
        guard case .array(let answers) = try errors.checked(reply), answers.count == 2 else {
            throw errors.corrupt("expected an answer and work, got \(reply)")
        }
        return try errors.checked(answers[index])
    }

    /// Hands back what was claimed for a caller that will not hear of it.
    private func giveBack(_ work: ClaimedWork?) async {
        for task in work?.workflowTasks ?? [] {
            _ = try? await release(WorkflowRelease(claim: task.claim, disposition: .handBack))
        }
        for task in work?.activityTasks ?? [] { _ = try? await release(task.claim) }
    }
}

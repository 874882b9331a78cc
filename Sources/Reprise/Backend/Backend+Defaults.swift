extension Backend {
    /// Nothing to say of the settings.
    public func preflight() async throws(BackendError) -> [PreflightFinding] { [] }

    /// Makes a call for each; the last one takes the work.
    public func record(_ report: WorkerReport, claiming request: ClaimRequest?) async -> WorkerReceipt {
        var receipt = WorkerReceipt()
        var left = report.count
        func answer<Answer>(
            _ call: (ClaimRequest?) async throws(BackendError) -> (Answer, ClaimedWork?)
        ) async -> Result<Answer, BackendError> {
            left -= 1
            do throws(BackendError) {
                let (answer, work) = try await call(left == 0 ? request : nil)
                receipt.work = work
                return .success(answer)
            } catch {
                return .failure(error)
            }
        }
        for commit in report.commits {
            receipt.commits.append(
                await answer { request throws(BackendError) in try await self.commit(commit, claiming: request) })
        }
        for turn in report.foreseen {
            receipt.foreseen.append(
                await answer { request throws(BackendError) in try await self.commit(turn, claiming: request) })
        }
        for completion in report.completions {
            receipt.completions.append(
                await answer { request throws(BackendError) in try await complete(completion, claiming: request) })
        }
        return receipt
    }

    /// After how many deaths in a row of the workers that held it a task is blocked.
    public static var deathLimit: Int { 3 }
}

/// How a worker hands in what it has done.
///
/// What gets done while a call is under way goes with the next one, and its answer brings work for all of it at once: so there are
/// few calls when there is much to do, and a single turn waits for nobody.
extension WorkerLoop {
    func record() {
        guard !isRecording else { return }
        isRecording = true
        Task {
            while !unrecorded.commits.isEmpty || !unrecorded.completions.isEmpty {
                // If this is all that the worker has begun, there are no others.
                let isAll = attempts.isEmpty && inProgress == unrecorded.commits.count + unrecorded.completions.count
                if !isAll { await WorkerLoop.letOthersRun() }
                await recordAll()
            }
            isRecording = false
        }
    }

    /// Goes to the end of the line for a thread: what is ready runs before, and may have something to hand in.
    @concurrent private static func letOthersRun() async {}

    private func recordAll() async {
        let (report, stepped) = (unrecorded, stepped)
        unrecorded = WorkerReport()
        self.stepped = []
        // Their slots are free for the work that comes with the answer.
        for commit in report.commits { turns.held[commit.claim.nonce] = nil }
        let request = claimRequest()
        for commit in report.commits { turns.held[commit.claim.nonce] = commit.claim }
        let receipt = await backend.record(report, claiming: request)
        let isFilled = receipt.work != nil
        // Before the work is taken: it may be a run's next turn, which then finds the engine.
        for (index, commit) in report.commits.enumerated() {
            settle(stepped[index], commit, receipt.commits[index], isFilled: isFilled)
        }
        for (index, completion) in report.completions.enumerated() {
            settle(completion, receipt.completions[index], isFilled: isFilled)
        }
        if let request { receipt.work.map { take($0, for: request) } ?? giveUp(request) }
        evictRetired()
    }
}

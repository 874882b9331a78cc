/// How a worker hands in what it has done.
///
/// What gets done while a call is under way goes with the next one, and its answer brings work for all of it at once: so there are
/// few calls when there is much to do, and a single turn waits for nobody. A busy worker has two under way: the store works on one
/// while the worker is at what the other brought.
extension WorkerLoop {
    /// How much must have got done for a second report beside one that is under way.
    private static let secondReport = 8

    private var mustRecord: Bool {
        guard unrecorded.count > 0, !isGathering else { return false }
        return recordings == 0 || recordings == 1 && unrecorded.count >= WorkerLoop.secondReport
    }

    /// How many reports are under way.
    var recordings: Int { reports.begun - reports.over }

    /// Hands in what there is, in a task of its own.
    func record() {
        guard mustRecord else { return }
        let number = beginReport()
        Task { await recordAll(from: number) }
    }

    /// Hands in what there is, and waits for the answer: a task that has nothing else to do needs no other one for it, whose start
    /// may wake a thread.
    func recordHere() async {
        guard mustRecord else { return }
        await recordAll(from: beginReport())
    }

    private func beginReport() -> Int {
        reports.begun += 1
        isGathering = true
        return reports.begun
    }

    private func recordAll(from first: Int) async {
        var number = first
        while true {
            await record(number)
            reports.over += 1
            let isMore = mustRecord
            if isMore { number = beginReport() }
            signalChange()
            guard isMore else { return }
        }
    }

    /// Goes to the end of the line for a thread: what is ready runs before, and may have something to hand in.
    @concurrent private static func letOthersRun() async {}

    private func record(_ number: Int) async {
        // If this is all that the worker has begun, there are no others.
        let isAll = attempts.isEmpty && inProgress == unrecorded.commits.count + unrecorded.resultCount
        if !isAll { await WorkerLoop.letOthersRun() }
        isGathering = false
        let (report, stepped, foreseen) = (unrecorded, stepped, foreseen)
        unrecorded = WorkerReport()
        self.stepped = []
        self.foreseen = []
        // Their slots are free for the work that comes with the answer.
        for commit in report.commits { turns.held[commit.claim.nonce] = nil }
        let request = claimRequest()
        for commit in report.commits { turns.held[commit.claim.nonce] = commit.claim }
        let receipt = await backend.record(report, claiming: request)
        // The answer of the one before is taken first: what it has committed is in the cache when the next tasks of its runs come.
        await wait { self.reports.over == number - 1 }
        let isFilled = receipt.work != nil
        // Before the work is taken: it may be a run's next turn, which then finds the engine.
        for (index, commit) in report.commits.enumerated() {
            settle(stepped[index], commit, receipt.commits[index], isFilled: isFilled)
        }
        for (index, turn) in report.foreseen.enumerated() {
            settle(turn, foreseen[index], receipt.foreseen[index], isFilled: isFilled)
        }
        for (index, completion) in report.completions.enumerated() {
            settle(completion, receipt.completions[index], isFilled: isFilled)
        }
        if let request { receipt.work.map { take($0, for: request) } ?? giveUp(request) }
        evictRetired()
    }
}

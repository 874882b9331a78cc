import RedisClient
import Reprise

/// Runs that continue as new and hand on more than one script may copy.
extension RedisBackend {
    /// Copies what the next run takes over before the commit, page by page, see `Scripts/Parts/carrying.lua`.
    func prepareNextRun(_ commit: Commit) async throws(BackendError) {
        let claim = commit.claim
        let named = commit.namedEntries
        let record = commit.result.flatMap { commit.turn?[$0] }.map(Array.init) ?? []
        var copied = 0
        var begins = true
        while true {
            let numbers = named.dropFirst(copied).prefix(Limits.entriesPerPage)
            var call = runner.call(
                scripts.carry, claim.run.description, claim.nonce, claim.epoch, commit.through, begins ? record : [],
                begins ? "1" : "", Limits.entriesPerPage, Limits.bytesPerPage, named.count, copied)
            for number in numbers { call.append(number) }
            var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
            let answer = try reply.string()
            // If the claim is over, the commit will say so.
            guard answer == "more" || answer == "gone" else { return }
            if begins, answer == "gone" {
                throw errors.corrupt("what was just written of the run after it can't be read", run: claim.run)
            }
            begins = answer == "gone"
            copied = try reply.int()
        }
    }

    /// Prepares the next run and commits, again if so much came in between that it is too much for the commit.
    func commitPrepared(_ commit: Commit) async throws(BackendError) -> CommitAnswer {
        while true {
            try await prepareNextRun(commit)
            let (staging, item) = try commitItem(commit, isPrepared: true)
            let replies = try await runner.sendRepeating(staging + [calls.make([item], of: nil)])
            if let answer = try commitAnswer(try firstAnswer(replies[staging.count]), commit) { return answer }
        }
    }
}

extension Commit {
    /// The numbers of the entries that the next run takes over because the commit names them, in order. What came beyond
    /// ``through`` it takes over anyway.
    var namedEntries: [Int] { Set(carried.filter { $0 <= through }).sorted() }
}

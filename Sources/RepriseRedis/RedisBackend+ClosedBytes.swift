import Reprise

extension RedisBackend {
    /// How many bytes the closed runs have: as they are counted for the retention, and as the runs themselves say; and what
    /// `total.lua` tells a later state by. `nil` if runs were closed or removed all the while.
    func closedBytes() async throws(BackendError) -> (counted: Int, found: Int, marks: [String])? {
        for _ in 0..<3 {
            let (marks, isSteady, found) = try await addUpClosedRuns()
            if isSteady { return (Int(marks[0]) ?? 0, found, marks) }
        }
        return nil
    }

    /// Adds up all closed runs, in pages, as long as none is closed or removed.
    private func addUpClosedRuns() async throws(BackendError) -> (marks: [String], isSteady: Bool, found: Int) {
        var (found, start) = (0, 0)
        var first: [String] = []
        while true {
            let call = runner.call(scripts.total, start, Limits.entriesPerPage)
            var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
            found += try reply.int()
            let marks = [try reply.string(), String(try reply.int()), try reply.string(), try reply.string()]
            if start == 0 { first = marks }
            start += Limits.entriesPerPage
            if marks != first || start >= Int(marks[1]) ?? 0 { return (first, marks == first, found) }
        }
    }
}

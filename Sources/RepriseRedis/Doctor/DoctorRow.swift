import Reprise

/// One row of what `check.lua` answers about an item.
struct DoctorRow {
    var item: DoctorItem
    var content: Content

    enum Content {
        /// An invariant is broken, or was until it was repaired.
        case finding(DoctorFinding)
        /// A task must be in the lists so often, as long as the stamp is the same.
        case needs(stamp: String, least: Int, most: Int, task: String, lists: [String])
        /// The run has operations.
        case operations(run: String)
    }

    /// Reads all rows of a reply.
    static func read(
        _ reply: inout ReplyCursor, of items: [DoctorItem], _ errors: ErrorMapping
    ) throws(BackendError) -> [DoctorRow] {
        var rows: [DoctorRow] = []
        while !reply.isAtEnd {
            var words: [String] = []
            for _ in 0..<(try reply.int()) { words.append(String(decoding: try reply.bytes(), as: UTF8.self)) }
            guard words.count > 2, let position = Int(words[1]), items.indices.contains(position - 1),
                let content = Content(words, of: items[position - 1])
            else { throw errors.corrupt("the answer of a check: \(words)") }
            rows.append(DoctorRow(item: items[position - 1], content: content))
        }
        return rows
    }
}

extension DoctorRow.Content {
    fileprivate init?(_ words: [String], of item: DoctorItem) {
        switch (words[0], words.count) {
        case ("violation", 6), ("repaired", 5):
            let isRun = item.kind == "run" || item.kind == "blocked"
            let run = RunID(isRun ? item.name : item.kind == "operation" ? item.name.afterBlank : "")
            let place = isRun ? "" : " (\(item.kind) \(item.name))"
            let state: DoctorFinding.State =
                words[0] == "repaired" ? .repaired : words[5] == "1" ? .repairable : .needsPerson
            self = .finding(
                DoctorFinding(
                    violation: InvariantViolation(words[2], finding: words[3] + place, run: run), remedy: words[4],
                    state: state))
        case ("needs", 7...):
            guard let least = Int(words[3]) else { return nil }
            self = .needs(
                stamp: words[2], least: least, most: Int(words[4]) ?? .max, task: words[5], lists: Array(words[6...]))
        case ("operations", 3): self = .operations(run: words[2])
        default: return nil
        }
    }
}

extension String {
    fileprivate var afterBlank: String { String(drop { $0 != " " }.dropFirst()) }
}

import Reprise
import RepriseRedis

/// Judges the history of a completed run.
struct HistoryCheck {
    private let run: RunID
    private let entries: [HistoryEntry]

    init(_ backend: RedisBackend, _ run: RunID) async throws {
        self.run = run
        var entries: [HistoryEntry] = []
        while true {
            let page = try await backend.history(of: run, after: entries.last?.number ?? 0, limit: 256)
            if page.isEmpty { break }
            entries += page
        }
        self.entries = entries
    }

    /// What is wrong with it: gaps, operations that nobody expected, operations without exactly one outcome, signals that
    /// are missing, an end that is none.
    func problems(activities: [Int], timers: [Int], signals: Int) throws -> [String] {
        var problems: [String] = []
        if entries.map(\.number) != Array(1...max(entries.count, 1)) { problems.append("entries have gaps") }
        var commands: [Command] = []
        for entry in entries where entry.kind == .turn {
            let turn = try Turn(decoding: entry.payload)
            if turn.firstCommand != commands.count { problems.append("turn \(entry.number) continues another history") }
            commands += turn.commands
        }
        problems += check("activity", commands, .scheduleActivity, activities, outcomes: [.activityCompleted])
        problems += check("timer", commands, .startTimer, timers, outcomes: [.timerFired])
        let ends = commands.indices.filter { commands[$0].kind == .complete || commands[$0].kind == .fail }
        if ends != [commands.count - 1] || entries.last?.kind != .turn {
            problems.append("it does not end once: \(ends)")
        }
        let sent = try Set(entries.filter { $0.kind == .signalled }.map { try SignalRecord(decoding: $0.payload).id })
        if sent.count != signals { problems.append("\(sent.count) signals, not \(signals)") }
        return problems.map { "\(run): \($0)" }
    }

    private func check(
        _ what: String, _ commands: [Command], _ kind: Command.Kind, _ expected: [Int], outcomes: [HistoryEntry.Kind]
    ) -> [String] {
        var problems: [String] = []
        let issued = commands.indices.filter { commands[$0].kind == kind }
        if issued != expected { problems.append("\(what) operations are \(issued), not \(expected)") }
        let resolved = entries.filter { outcomes.contains($0.kind) }.map(\.reference).sorted()
        if resolved != expected.sorted() { problems.append("\(what) outcomes are \(resolved), not \(expected)") }
        return problems
    }
}

import RedisClient
import Reprise

/// A run as its hash holds it.
struct RunFields {
    let run: RunID
    /// The kind of the entry that ended it; empty if it isn't closed.
    let lastKind: String
    /// That entry's payload.
    let lastPayload: [UInt8]
    let fields: [String: String]
    let state: RunState
    let lastEntry: Int
    let lastArrival: Int
    let through: Int
    /// Whether it takes no turn until it is resumed.
    let isPaused: Bool
    /// When the newest entry was recorded.
    let time: Timestamp

    /// Reads what `describe` answers: the run, the kind and the payload of the entry that ended it, then fields and
    /// values.
    init(_ cursor: inout ReplyCursor, _ errors: ErrorMapping) throws(BackendError) {
        let run = try cursor.run()
        let kind = try cursor.string()
        let payload = try cursor.bytes()
        var fields: [String: String] = [:]
        while !cursor.isAtEnd {
            let name = try cursor.string()
            fields[name] = try cursor.string()
        }
        try self.init(run: run, lastKind: kind, lastPayload: payload, fields: fields, errors)
    }

    /// Reads the message that tells of a closed run; `nil` if it brings no description.
    init?(message: [UInt8], _ errors: ErrorMapping) throws(BackendError) {
        do {
            var reader = PackedReader(message)
            guard let run = RunID(try reader.readString()) else { throw CorruptHistory("a message names no run") }
            if reader.isAtEnd { return nil }
            let kind = try reader.readString()
            let payload = try reader.readBytes()
            var fields: [String: String] = [:]
            while !reader.isAtEnd {
                let name = try reader.readString()
                fields[name] = try reader.readString()
            }
            try self.init(run: run, lastKind: kind, lastPayload: payload, fields: fields, errors)
        } catch let error as BackendError {
            throw error
        } catch {
            throw errors.corrupt("\(error)")
        }
    }

    init(
        run: RunID, lastKind: String, lastPayload: [UInt8], fields: [String: String], _ errors: ErrorMapping
    ) throws(BackendError) {
        self.run = run
        self.lastKind = lastKind
        self.lastPayload = lastPayload
        self.fields = fields
        let words = (fields["state"] ?? "").split(separator: " ")
        let numbers = words.dropFirst().compactMap { Int($0) }
        isPaused = words.count == 7 && words[6].hasPrefix("p")
        guard let word = words.first, numbers.count == 5 else {
            throw errors.corrupt("the state of the run is “\(fields["state"] ?? "")”", run: run)
        }
        state = RunState(rawValue: String(word))
        (lastEntry, lastArrival, through) = (numbers[0], numbers[1], numbers[2])
        time = Timestamp(milliseconds: Int64(numbers[3]))
    }

    func timestamp(_ name: String) -> Timestamp? {
        fields[name].flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
    }

    /// How many turns in a row failed, how many workers died in a row, how many of its activities are blocked.
    var trouble: (failures: Int, deaths: Int, blockedActivities: Int) {
        let counts = (fields["trouble"] ?? "").split(separator: " ").compactMap { Int($0) }
        return counts.count == 3 ? (counts[0], counts[1], counts[2]) : (0, 0, 0)
    }

    private var blockage: Blockage? {
        guard state == .blocked, let since = timestamp("since") else { return nil }
        let lastError = fields["lastError"] ?? ""
        return Blockage(
            since: since, worker: fields["worker"] ?? "", build: fields["build"] ?? "",
            lastError: lastError.isEmpty ? nil : lastError)
    }

    func description(_ errors: ErrorMapping) throws(BackendError) -> RunDescription {
        var outcome: RunOutcome?
        if state.isClosed {
            do throws(CorruptHistory) {
                outcome = try RunOutcome(kind: HistoryEntry.Kind(rawValue: lastKind), payload: lastPayload)
            } catch {
                throw errors.corrupt("\(error)", run: run)
            }
        }
        return RunDescription(
            run: run, type: fields["type"] ?? "", queue: fields["queue"] ?? "", version: fields["version"] ?? "",
            state: state, startedAt: timestamp("started"), closedAt: timestamp("closed"),
            dueAt: state == .delayed ? timestamp("due") : nil, lastEntry: lastEntry, lastArrival: lastArrival,
            through: through, turnFailures: trouble.failures, reason: fields["reason"], blockage: blockage,
            isPaused: isPaused, outcome: outcome,
            parent: fields["parent"].flatMap { RunID($0.drop { $0 != ":" }.dropFirst()) },
            successor: fields["next"].flatMap { Int($0) }.map { RunID(workflowID: run.workflowID, number: $0) })
    }
}

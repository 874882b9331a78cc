import Reprise

extension SequenceDriver {
    func start() async throws {
        var request: StartRequest
        if chance(20), let old = pick(requests) {
            request = old
        } else {
            request = StartRequest(
                requestID: "r\(next())", workflowID: "order:\(pick(12))", queue: Self.queues[pick(2)],
                record: StartRecord(type: Self.types[pick(3)], version: "", input: bytes()))
            if chance(10) { request.startAt = chance(50) ? Self.farAway : Timestamp(milliseconds: 1) }
            if chance(2) { request.workflowID = "" }
            requests.append(request)
        }
        let sent = request
        let run = try await record("start \(request.workflowID) \(request.requestID)", as: { $1.name(of: $0) }) {
            try await backend.start(sent)
        }
        if let run, !runs.contains(where: { $0.id == run }) { runs.append(KnownRun(id: run)) }
    }

    func signal() async throws {
        // Each signal once: whether a repeat is recorded again isn't specified.
        let signal = SignalRecord(id: "s\(next())", name: "note", payload: bytes())
        guard let run = pick(runs)?.id else { return }
        var number: Int? = run.number
        if chance(50) { number = nil }
        if chance(5) { number = 1_000_000 }
        let target = number == run.number ? names.name(of: run) : number == nil ? run.workflowID : "unknown"
        _ = try await record("signal \(target) \(signal.id)", as: { $1.name(of: $0) }) {
            try await backend.signal(signal, workflowID: run.workflowID, runNumber: number)
        }
    }

    func unblock() async throws {
        guard let run = pick(runs)?.id else { return }
        _ = try await record("unblock \(names.name(of: run))") {
            try await backend.unblock(run)
        }
    }

    func describe() async throws {
        guard let run = pick(runs)?.id else { return }
        try await describe(run)
    }

    func describe(_ run: RunID) async throws {
        _ = try await record("describe \(names.name(of: run))", as: { $1.text(of: $0) }) {
            try await backend.describe(workflowID: run.workflowID, runNumber: run.number)
        }
    }

    func read() async throws {
        guard let run = pick(runs)?.id else { return }
        let (after, limit) = (pick(12), 1 + pick(5))
        _ = try await record("history \(names.name(of: run)) \(after) \(limit)", as: { $1.text(of: $0) }) {
            try await backend.history(of: run, after: after, limit: limit)
        }
    }

    /// Writes down what became of each run.
    func describeAll() async throws {
        for run in runs.map(\.id) {
            try await describe(run)
            _ = try await record("whole history \(names.name(of: run))", as: { $1.text(of: $0) }) {
                try await rest(of: run, after: 0)
            }
        }
    }

    func rest(of run: RunID, after number: Int) async throws -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        while true {
            let page = try await backend.history(of: run, after: entries.last?.number ?? number, limit: 100)
            if page.isEmpty { return entries }
            entries += page
        }
    }
}

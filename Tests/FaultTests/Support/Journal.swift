import NIOConcurrencyHelpers
import Reprise
import RepriseRedis

/// What a store has acknowledged to its clients, and when.
final class Journal: Sendable {
    enum Fact: Hashable, Sendable {
        case started(RunID)
        case signalled(RunID, id: String)
        case completed(RunID)
    }

    struct Entry: Sendable {
        var fact: Fact
        var time: ContinuousClock.Instant
    }

    private let entries = NIOLockedValueBox<[Entry]>([])

    func note(_ fact: Fact) {
        entries.withLockedValue { $0.append(Entry(fact: fact, time: .now)) }
    }

    func entries(until end: ContinuousClock.Instant) -> [Entry] {
        entries.withLockedValue { $0 }.filter { $0.time <= end }
    }

    /// Drops what was lost.
    func forget(_ missing: [Entry]) {
        let facts = Set(missing.map(\.fact))
        entries.withLockedValue { entries in entries.removeAll { facts.contains($0.fact) } }
    }

    /// The entries that a store knows nothing of.
    static func missing(of entries: [Entry], in backend: RedisBackend) async throws -> [Entry] {
        var known: [RunID: (state: RunState, signals: Set<String>)] = [:]
        var missing: [Entry] = []
        for entry in entries {
            let run =
                switch entry.fact {
                case .started(let run), .signalled(let run, _), .completed(let run): run
                }
            if known[run] == nil { known[run] = try await look(at: run, in: backend) }
            let isKnown =
                switch entry.fact {
                case .started: known[run] != nil
                case .signalled(_, let id): known[run]?.signals.contains(id) ?? false
                case .completed: known[run]?.state == .completed
                }
            if !isKnown { missing.append(entry) }
        }
        return missing
    }

    private static func look(
        at run: RunID, in backend: RedisBackend
    ) async throws -> (state: RunState, signals: Set<String>)? {
        do {
            let state = try await backend.describe(workflowID: run.workflowID, runNumber: run.number).state
            let history = try await backend.history(of: run, after: 0, limit: 1000)
            let signals = try history.filter { $0.kind == .signalled }.map { try SignalRecord(decoding: $0.payload).id }
            return (state, Set(signals))
        } catch let error as BackendError where error.code == .runNotFound {
            return nil
        }
    }
}

import FuzzSupport
import Reprise
import Testing

@testable import RepriseRedis

/// Names that try to be part of another's key.
@Suite struct KeyFuzzTests {
    /// What a key is for: its kind and all that it is named after.
    private struct Purpose: Hashable {
        let namespace: String
        let kind: String
        let names: [[UInt8]]
    }

    /// A short name of what means something in keys, so that they often come close to each other.
    private func name(_ fuzz: inout Mutator) -> String {
        let parts = [":", "1", "2", "12", "w", "a", "w:", "a:", "run:", "meta", "{", "}", "\n", "\0", "e\u{301}", "é"]
        return (0...fuzz.below(4)).map { _ in fuzz.pick(parts) }.joined()
    }

    private func namespace(_ fuzz: inout Mutator) -> String { fuzz.pick(["a", "a:0", "a:0:0", "0", "0:0"]) }

    private func purpose(_ fuzz: inout Mutator) -> (key: String, Purpose) {
        let space = namespace(&fuzz)
        let keys = Keys(namespace: space)
        let (one, other) = (name(&fuzz), name(&fuzz))
        let run = RunID(workflowID: one, number: 1 + fuzz.below(20))
        let worker = fuzz.pick(["1", "12", "a", "w", "s", "meta"])
        func made(_ kind: String, _ key: String, _ names: String...) -> (String, Purpose) {
            (key, Purpose(namespace: space, kind: kind, names: names.map { Array($0.utf8) }))
        }
        func ofRun(_ kind: String, _ key: (String) -> String) -> (String, Purpose) {
            made(kind, key(run.description), String(run.number), run.workflowID)
        }
        return switch fuzz.below(26) {
        case 0: made("meta", keys.meta)
        case 1: made("newest", keys.newest)
        case 2: made("open", keys.open)
        case 3: made("closed", keys.closed)
        case 4: made("all blocked", keys.blocked)
        case 5: made("leases", keys.leases)
        case 6: made("timers", keys.timers)
        case 7: made("outbox", keys.outbox)
        case 8: made("workers", keys.workers)
        case 9: made("corrupt", keys.corrupt)
        case 10: ofRun("run", keys.run)
        case 11: ofRun("history", keys.history)
        case 12: ofRun("operations", keys.operations)
        case 13: ofRun("stuck", keys.stuck)
        case 14: ofRun("remains", keys.remains)
        case 15: ofRun("staged", keys.staged)
        case 16: made("workflow queue", keys.workflowQueue(one), one)
        case 17: made("activity queue", keys.activityQueue(one), one)
        case 18: made("suspects", keys.suspects("w", one), "w", one)
        case 19: made("suspects", keys.suspects("a", one), "a", one)
        case 20: made("idle", keys.idle("w", one), "w", one)
        case 21: made("parked types", keys.parkedTypes(one), one)
        case 22: made("parked", keys.parked(one, "w:" + other), one, "w:" + other)
        case 23: made("parked", keys.parked(one, "a:" + other), one, "a:" + other)
        case 24: made("blocked", keys.blocked(one, other), one, other)
        default:
            fuzz.pick([
                made("worker", keys.worker(worker), worker), made("held", keys.held(worker), worker),
                made("trials", keys.trials(worker), worker), made("inbox", keys.inbox(worker), worker),
            ])
        }
    }

    @Test func `No two purposes have the same key`() {
        var known: [[UInt8]: Purpose] = [:]
        let failures = Fuzz.run("keys") { fuzz in
            let (key, purpose) = purpose(&fuzz)
            let other = known.updateValue(purpose, forKey: Array(key.utf8))
            try #require(other == nil || other == purpose, "\(key): \(purpose) and \(String(describing: other))")
        }
        #expect(failures == [])
        #expect(known.count > 1000)
    }

    @Test func `A run's reference is read as what was written`() {
        let failures = Fuzz.run("references", for: .seconds(0.5)) { fuzz in
            let run = RunID(workflowID: name(&fuzz), number: fuzz.below(1 << 40))
            try #require(RunID(run.description) == run)
        }
        #expect(failures == [])
    }
}

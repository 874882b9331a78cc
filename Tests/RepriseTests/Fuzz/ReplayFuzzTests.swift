import FuzzSupport
import ReplaySupport
import Testing

@testable import Reprise

/// Histories that somebody changed, replayed: the engine says what is wrong, or takes them; it doesn't trap and it ends.
@Suite struct ReplayFuzzTests {
    @Test func `A changed history is a typed failure of the turn, or replays`() throws {
        let rich = try Determinism.richRun(seed: 7).history
        let control = try Determinism.controlRun(seed: 7).history
        let failures = Fuzz.run("replay of RichWorkflow", for: .seconds(2)) { fuzz in
            try replay(RichWorkflow.self, fuzz.changed(rich))
        }
        #expect(failures == [])
        let others = Fuzz.run("replay of ControlWorkflow", for: .seconds(2)) { fuzz in
            try replay(ControlWorkflow.self, fuzz.changed(control))
        }
        #expect(others == [])
    }

    private func replay<Target: Workflow>(_ type: Target.Type, _ history: [HistoryEntry]) throws {
        let codec = PayloadCodec(converter: JSONDataConverter(), limit: PayloadCodec.defaultLimit)
        let engine = ScriptedRun<Target>.makeEngine(codec, ScriptedRun<Target>.quiet)
        defer { engine.evict() }
        engine.load(history)
        engine.advance(committedThrough: history.last { !$0.isArrival }?.reference ?? 0)
        var work = engine.takeLocalWork()
        while !work.isEmpty {
            for item in work { engine.finishLocal(item.operation, .completed(Array("1".utf8))) }
            work = engine.takeLocalWork()
        }
        if let failure = engine.failure {
            try #require(!failure.message.isEmpty)
        } else {
            try #require(engine.draft(buildID: "") != nil)
        }
    }
}

extension Mutator {
    /// A history with a few changes, each of which a store, or somebody in it, could make.
    fileprivate mutating func changed(_ history: [HistoryEntry]) -> [HistoryEntry] {
        var history = history
        for _ in 0...below(3) where !history.isEmpty {
            let index = below(history.count)
            switch below(9) {
            case 0: history.remove(at: index)
            case 1: history.insert(history[index], at: below(history.count + 1))
            case 2: history.swapAt(index, below(history.count))
            case 3: history[index].payload = mutated(history[index].payload)
            case 4: history[index].reference = chance(2) ? below(20) : number()
            case 5: history[index].kind = pick(history).kind
            case 6: history[index].time.milliseconds = Int64(number())
            case 7: history[index].payload = pick(history).payload
            default: history.removeSubrange(index...)
            }
        }
        // A backend numbers what it hands out.
        for index in history.indices { history[index].number = index + 1 }
        return history
    }
}

import ReplaySupport
import Testing

@testable import Reprise

private final class Nothing: Workflow {
    func run(_ context: WorkflowContext) async throws {}
}

@Suite struct RunCacheTests {
    private var cache = RunCache(capacity: 3)

    private func engine() -> ReplayEngine {
        ScriptedRun<Nothing>.makeEngine(
            PayloadCodec(converter: JSONDataConverter(), limit: 1 << 20), ScriptedRun<Nothing>.quiet)
    }

    private func run(_ number: Int) -> RunID { RunID(workflowID: "run", number: number) }

    private mutating func put(_ number: Int) -> (engine: ReplayEngine, evicted: [ReplayEngine]) {
        let engine = engine()
        return (engine, cache.put(run(number), .init(engine: engine, lastCommit: "\(number)")))
    }

    @Test mutating func `A run is taken out once, at its last commit only`() {
        let (one, _) = put(1)
        let (two, _) = put(2)
        #expect(cache.take(run(1), at: "1").valid === one)
        #expect(cache.take(run(1), at: "1").valid == nil)
        let other = cache.take(run(2), at: "1")
        #expect(other.valid == nil && other.stale === two)
        #expect(cache.take(run(2), at: "2").valid == nil)
    }

    @Test mutating func `When it is full, the one that was put there longest ago goes, also after many changes`() {
        for _ in 0..<100 {
            _ = put(1)
            _ = cache.take(run(1), at: "1")
        }
        let engines = (1...3).map { put($0).engine }
        _ = cache.take(run(1), at: "1")
        #expect(put(1).evicted.isEmpty)
        let evicted = put(4).evicted
        #expect(evicted.count == 1 && evicted.first === engines[1])
        #expect(put(5).evicted.first === engines[2])
        #expect(Set(cache.removeAll().map(ObjectIdentifier.init)).count == 3)
        #expect(cache.removeAll().isEmpty)
    }

    @Test mutating func `A run that is put there again takes the place of what was there`() {
        let (one, _) = put(1)
        #expect(put(1).evicted.first === one)
        #expect(cache.removeAll().count == 1)
    }
}

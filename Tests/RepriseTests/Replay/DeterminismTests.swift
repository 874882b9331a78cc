import Testing

@testable import Reprise

/// The order in which the engine resumes workflow code is part of what a stored history means.
@Suite struct DeterminismTests {
    /// The digest of all traces and commands of ``runs`` runs. It changes only with ``StartRecord/currentEngineRevision``.
    private static let committedDigest: UInt64 = 5_188_889_721_064_470_632
    private static let runs = 1000

    /// Runs the rich workflow with arrivals in an order that the seed gives, to its end.
    static func run(seed: UInt64) throws -> ScriptedRun<RichWorkflow> {
        var random = SeededRandom(seed: seed)
        let run = try ScriptedRun(RichWorkflow.self, ())
        var signals = [0, 1, 2, 3, 4]
        for _ in 0..<1000 where run.outcome == nil && run.engine.failure == nil {
            // What was delivered in this turn's batch must not be delivered again.
            var delivered: Set<Int> = []
            // One to three arrivals between two turns, as when a worker is slow.
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let open = run.engine.operations.keys.sorted().filter { number in
                    guard case .activity = run.engine.operations[number]!.kind else { return false }
                    return !delivered.contains(number)
                }
                if !signals.isEmpty, open.isEmpty || Int.random(in: 0..<6, using: &random) == 0 {
                    switch signals.remove(at: Int.random(in: 0..<signals.count, using: &random)) {
                    case 0: try run.signal(RichWorkflow.release, ())
                    case 1: try run.signal(RichWorkflow.late, 1)
                    case 2: try run.signal(RichWorkflow.late, 2)
                    case 3: try run.signal(RichWorkflow.early, 10)
                    default: try run.signal(RichWorkflow.early, 20)
                    }
                } else if let number = open.randomElement(using: &random) {
                    delivered.insert(number)
                    try run.complete(number, number * 7 % 13)
                }
            }
            run.turn()
        }
        #expect(run.outcome != nil, "seed \(seed) got stuck: \(run.variables)")
        return run
    }

    static func digest(of run: ScriptedRun<RichWorkflow>) throws -> UInt64 {
        let commands = run.commands.map { "\($0.kind) \($0.name) \($0.argument ?? -1)" }
        let trace: [String] = try #require(try run.output())
        return Fingerprint.hash(Array((trace + commands).joined(separator: "\n").utf8))
    }

    @Test func `A thousand shuffled runs replay against their own histories`() throws {
        var digest: UInt64 = 0
        for seed in 1...UInt64(Self.runs) {
            let run = try Self.run(seed: seed)
            #expect(run.engine.failure == nil)
            let live = run.variables
            run.restart()
            #expect(run.engine.failure == nil, "seed \(seed)")
            #expect(run.variables == live, "seed \(seed)")
            digest = digest &* 31 &+ (try Self.digest(of: run))
        }
        #expect(digest == Self.committedDigest, "the order of execution changed: histories of before would diverge")
    }

    @Test func `A cold replay at every turn decides what a cached run decides`() throws {
        for seed in 1...50 as ClosedRange<UInt64> {
            let cached = try Self.run(seed: seed)
            // Replay each prefix that ends with a turn.
            for end in cached.history.indices where !cached.history[end].isArrival {
                let engine = ScriptedRun<RichWorkflow>.makeEngine(cached.codec, cached.logger)
                engine.replay(Array(cached.history[...end]), committedThrough: 0)
                #expect(engine.failure == nil, "seed \(seed), entry \(end + 1)")
                engine.evict()
            }
        }
    }
}

import Reprise

/// Runs whose arrivals come in an order that a seed gives, and digests of what they did.
package enum Determinism {
    /// The digests of ``runs`` runs. They change only with ``StartRecord/currentEngineRevision``.
    package static let committedDigests: [UInt64] = [5_188_889_721_064_470_632, 12_928_364_234_901_287_503]
    package static let runs = 1000

    /// A run that could not be brought to its end, or whose replay differed.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs the seeds from 1 on with each workflow, each to its end, and replays each against its own history.
    package static func digests(runs: Int) throws -> [UInt64] {
        [try digest(runs: runs, richRun(seed:)), try digest(runs: runs, controlRun(seed:))]
    }

    private static func digest<Target>(runs: Int, _ makeRun: (UInt64) throws -> ScriptedRun<Target>) throws -> UInt64 {
        var digest: UInt64 = 0
        for seed in 1...UInt64(runs) {
            let run = try makeRun(seed)
            let live = run.variables
            run.restart()
            guard run.engine.failure == nil, run.variables == live else {
                throw Failure(description: "seed \(seed): \(run.engine.failure?.message ?? "the replay differs")")
            }
            digest = digest &* 31 &+ (try self.digest(of: run))
        }
        return digest
    }

    package static func richRun(seed: UInt64) throws -> ScriptedRun<RichWorkflow> {
        var signals = [0, 1, 2, 3, 4]
        return try run(seed: seed) { run, random, delivered in
            let open = run.engine.openActivities.filter { !delivered.contains($0) }
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
    }

    package static func controlRun(seed: UInt64) throws -> ScriptedRun<ControlWorkflow> {
        var isCancelled = false
        return try run(seed: seed) { run, random, delivered in
            let engine = run.engine
            let open = (engine.openActivities + engine.openTimers + engine.openChildren).sorted().filter {
                !delivered.contains($0)
            }
            let choice = Int.random(in: 0..<40, using: &random)
            if choice == 0, !isCancelled {
                isCancelled = true
                run.cancel("seed \(seed)")
            } else if choice < 5 {
                try run.signal(ControlWorkflow.poke, choice)
            } else if let number = open.randomElement(using: &random) {
                delivered.insert(number)
                if engine.openTimers.contains(number) {
                    run.fire(number)
                } else if engine.openChildren.contains(number) {
                    run.arrive(.childCompleted, number, payload: Array("[]".utf8))
                } else {
                    try run.complete(number, number * 7 % 13)
                }
            }
        }
    }

    private static func run<Target: Workflow>(
        seed: UInt64, _ arrive: (ScriptedRun<Target>, inout SeededRandom, inout Set<Int>) throws -> Void
    ) throws -> ScriptedRun<Target> where Target.Input == Void {
        var random = SeededRandom(seed: seed)
        let run = try ScriptedRun(Target.self, ())
        for _ in 0..<1000 where run.outcome == nil && run.engine.failure == nil {
            // What was delivered in this turn's batch must not be delivered again.
            var delivered: Set<Int> = []
            // One to three arrivals between two turns, as when a worker is slow.
            for _ in 0..<Int.random(in: 1...3, using: &random) { try arrive(run, &random, &delivered) }
            run.turn()
        }
        guard run.outcome != nil else {
            throw Failure(
                description: "seed \(seed) did not end: \(run.engine.failure?.message ?? run.variables)")
        }
        return run
    }

    private static func digest<Target>(of run: ScriptedRun<Target>) throws -> UInt64 {
        let commands = run.commands.map { "\($0.kind) \($0.name) \($0.argument ?? -1)" }
        guard let trace: [String] = try run.output() else { throw Failure(description: "a run failed") }
        return Fingerprint.hash(Array((trace + commands).joined(separator: "\n").utf8))
    }
}

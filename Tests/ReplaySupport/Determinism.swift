import Reprise

/// Runs of the rich workflow whose arrivals come in an order that a seed gives, and a digest of what they did.
package enum Determinism {
    /// The digest of ``runs`` runs. It changes only with ``StartRecord/currentEngineRevision``.
    package static let committedDigest: UInt64 = 5_188_889_721_064_470_632
    package static let runs = 1000

    /// A run that could not be brought to its end, or whose replay differed.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs the seeds from 1 on, each to its end, and replays each against its own history.
    package static func digest(runs: Int) throws -> UInt64 {
        var digest: UInt64 = 0
        for seed in 1...UInt64(runs) {
            let run = try run(seed: seed)
            let live = run.variables
            run.restart()
            guard run.engine.failure == nil, run.variables == live else {
                throw Failure(description: "seed \(seed): \(run.engine.failure?.message ?? "the replay differs")")
            }
            digest = digest &* 31 &+ (try self.digest(of: run))
        }
        return digest
    }

    package static func run(seed: UInt64) throws -> ScriptedRun<RichWorkflow> {
        var random = SeededRandom(seed: seed)
        let run = try ScriptedRun(RichWorkflow.self, ())
        var signals = [0, 1, 2, 3, 4]
        for _ in 0..<1000 where run.outcome == nil && run.engine.failure == nil {
            // What was delivered in this turn's batch must not be delivered again.
            var delivered: Set<Int> = []
            // One to three arrivals between two turns, as when a worker is slow.
            for _ in 0..<Int.random(in: 1...3, using: &random) {
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
            run.turn()
        }
        guard run.outcome != nil else {
            throw Failure(
                description: "seed \(seed) did not end: \(run.engine.failure?.message ?? run.variables)")
        }
        return run
    }

    private static func digest(of run: ScriptedRun<RichWorkflow>) throws -> UInt64 {
        let commands = run.commands.map { "\($0.kind) \($0.name) \($0.argument ?? -1)" }
        guard let trace: [String] = try run.output() else { throw Failure(description: "a run failed") }
        return Fingerprint.hash(Array((trace + commands).joined(separator: "\n").utf8))
    }
}

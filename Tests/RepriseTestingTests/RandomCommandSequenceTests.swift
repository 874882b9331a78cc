import Reprise
import RepriseTesting
import Testing

@Suite struct RandomCommandSequenceTests {
    @Test(arguments: 0..<UInt64(40))
    func `A sequence breaks no invariant, and has the same trace on any clock`(seed: UInt64) async throws {
        let sequence = RandomCommandSequence(seed: seed)
        let backend = InMemoryBackend()
        let trace = try await sequence.trace(on: backend)
        #expect(backend.checkInvariants() == [])
        #expect(trace.count > 300)
        #expect(try await virtualTrace(of: seed) == trace)
    }

    @Test(arguments: 0..<8) func `Hundreds of sequences break no invariant`(part: Int) async throws {
        for seed in 0..<UInt64(100) { _ = try await virtualTrace(of: UInt64(part * 100) + seed + 1000) }
    }

    private func virtualTrace(of seed: UInt64) async throws -> [String] {
        let backend = InMemoryBackend(clock: .virtual(startingAt: Timestamp(milliseconds: 1_000_000)))
        let trace = try await RandomCommandSequence(seed: seed).trace(on: backend) { duration in
            backend.jump(by: duration, expiringLeases: true)
        }
        #expect(backend.checkInvariants() == [], "seed \(seed)")
        return trace
    }

    @Test func `Together the sequences reach every sort of answer`() async throws {
        var text = ""
        for seed in 0..<UInt64(80) {
            let trace = try await virtualTrace(of: seed)
            text += trace.joined(separator: "\n")
        }
        let answers = [
            "-> committed", "-> fenced", "-> refused", "-> resolved", "-> retrying", "-> superseded", "-> released",
            "-> pending", "-> recorded", "-> true", "-> false", "ScheduleToCloseTimeout", "caused by",
            "throws alreadyRunning", "throws runClosed", "throws runNotFound", "throws workerNotRegistered",
            "throws invalidRequest", "parked", "timerFired", "activityFailed", "activityCompleted", "scheduled",
            " blocked ", " delayed ", " idle ", " queued ", " leased ", " paused ", " completed ", " failed ",
            " cancelled ",
            " terminated ", "cancelRequested", " continuedAsNew ", "childCompleted", "parent order",
            "AlreadyRunning “workflow “", "Terminated “r", "T “m", " 1 deaths", "workers in a row died",
        ]
        for answer in answers { #expect(text.contains(answer), "no sequence has “\(answer)”") }
    }
}

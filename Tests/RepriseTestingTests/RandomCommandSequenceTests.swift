import Reprise
import RepriseTesting
import Testing

@Suite struct RandomCommandSequenceTests {
    @Test(arguments: 0..<UInt64(40))
    func `A sequence breaks no invariant, and has the same trace on any clock`(seed: UInt64) async throws {
        let sequence = RandomCommandSequence(seed: seed)
        var traces: [[String]] = []
        for clock in [InMemoryBackend.Clock.system, .virtual(startingAt: Timestamp(milliseconds: 1_000_000))] {
            let backend = InMemoryBackend(clock: clock)
            traces.append(try await sequence.trace(on: backend))
            #expect(backend.checkInvariants() == [])
        }
        #expect(traces[0].count > 300)
        #expect(traces[0] == traces[1])
    }

    @Test func `Together the sequences reach every sort of answer`() async throws {
        var text = ""
        for seed in 0..<UInt64(40) {
            let trace = try await RandomCommandSequence(seed: seed).trace(on: InMemoryBackend())
            text += trace.joined(separator: "\n")
        }
        let answers = [
            "-> committed", "-> fenced", "-> refused", "-> resolved", "-> retrying", "-> superseded", "-> released",
            "-> pending", "-> recorded", "ScheduleToCloseTimeout", "caused by",
            "throws alreadyRunning", "throws runClosed", "throws runNotFound", "throws workerNotRegistered",
            "throws invalidRequest", "parked", "timerFired", "activityFailed", "activityCompleted", "scheduled",
            " blocked ", " delayed ", " idle ", " queued ", " leased ", " paused ", " completed ", " failed ",
            " cancelled ",
            " terminated ", "cancelRequested", " continuedAsNew ", "childCompleted", "parent order",
            "AlreadyRunning “workflow “", "Terminated “r", "T “m",
        ]
        for answer in answers { #expect(text.contains(answer), "no sequence has “\(answer)”") }
    }
}

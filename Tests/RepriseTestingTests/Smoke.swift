@testable import Reprise
import Testing

@Test func aRunGoesThroughItsLife() async throws {
    let backend = InMemoryBackend(clock: .virtual(startingAt: Timestamp(milliseconds: 0)))
    try await backend.register(
        WorkerRegistration(
            id: "w", name: "w", queue: "q", workflowTypes: ["A"], activityNames: ["a"], lease: .seconds(10)))
    let run = try await backend.start(
        StartRequest(
            requestID: "r", workflowID: "id", queue: "q", record: StartRecord(type: "A", version: "", input: [1])))
    let work = try await backend.claim(ClaimRequest(id: "w1", worker: "w", workflowSlots: 1, activitySlots: 1))
    let task = try #require(work.workflowTasks.first)
    #expect(task.claim.run == run)
    let answer = try await backend.commit(
        Commit(
            claim: task.claim, through: 1, turn: [1, 2, 3],
            effects: [.startTimer(operation: 0, due: Timestamp(milliseconds: 500))]), claiming: nil)
    #expect(answer.answer == .committed)
    #expect(backend.checkInvariants() == [])
    async let waiting: Void = backend.waitForWork(worker: "w", until: nil)
    await backend.waitUntilQuiet()
    async let done: Void = backend.advance(by: .seconds(1))
    try await waiting
    let second = try await backend.claim(ClaimRequest(id: "w2", worker: "w", workflowSlots: 1, activitySlots: 1))
    #expect(second.now.milliseconds == 500)
    #expect(second.workflowTasks.first?.history.map(\.kind) == [.turn, .timerFired])
    try await backend.unregister(worker: "w")
    await done
    #expect(backend.now.milliseconds == 1000)
    #expect(backend.checkInvariants() == [])
}

import NIOCore
import Testing

@testable import RedisClient

@Suite("When to connect, without I/O") struct ReconnectStateMachineTests {
    private let backoff = ReconnectBackoff(initial: .milliseconds(100), maximum: .seconds(1))

    @Test func `It connects when somebody wants it, once`() {
        var machine = ReconnectStateMachine(backoff: backoff)
        #expect(machine.wanted() == .connect)
        #expect(machine.wanted() == .none)
    }

    @Test func `Failures in a row wait twice as long each time, up to the maximum`() {
        var machine = ReconnectStateMachine(backoff: backoff)
        _ = machine.wanted()
        for milliseconds in [100, 200, 400, 800, 1000, 1000] {
            #expect(machine.ended(.failed, isWanted: true, random: 1) == .pause(.milliseconds(milliseconds)))
            #expect(machine.wanted() == .none, "the pause is kept")
            #expect(machine.pauseElapsed(isWanted: true) == .connect)
        }
    }

    @Test func `Jitter takes away up to half of the wait`() {
        #expect(backoff.delay(afterFailures: 1, random: 0) == .milliseconds(50))
        #expect(backoff.delay(afterFailures: 1000, random: 0) == .milliseconds(500))
    }

    @Test func `No attempt is made for nobody`() {
        var machine = ReconnectStateMachine(backoff: backoff)
        _ = machine.wanted()
        _ = machine.ended(.failed, isWanted: true, random: 1)
        #expect(machine.pauseElapsed(isWanted: false) == .none)
        #expect(machine.wanted() == .connect)
    }

    @Test func `A connection that had worked is made again at once, and its failures are forgotten`() {
        var machine = ReconnectStateMachine(backoff: backoff)
        _ = machine.wanted()
        _ = machine.ended(.failed, isWanted: true, random: 1)
        _ = machine.pauseElapsed(isWanted: true)
        machine.becameReady()
        #expect(machine.ended(.lost, isWanted: true, random: 1) == .connect)
        #expect(machine.ended(.failed, isWanted: true, random: 1) == .pause(.milliseconds(100)))
    }

    @Test func `A refusal is not tried again by itself`() {
        var machine = ReconnectStateMachine(backoff: backoff)
        _ = machine.wanted()
        #expect(machine.ended(.refused, isWanted: false, random: 1) == .none)
        #expect(machine.wanted() == .connect)
    }

    @Test func `Nothing happens after it was stopped`() {
        var machine = ReconnectStateMachine(backoff: backoff)
        _ = machine.wanted()
        machine.stop()
        #expect(machine.ended(.lost, isWanted: true, random: 1) == .none)
        #expect(machine.wanted() == .none)
    }

    @Test func `How a connection ended follows from its error and how long it had worked`() {
        typealias End = ReconnectStateMachine.End
        let lost = RedisError(.connectionLost, "")
        let refused = RedisError(.authenticationFailed, "")
        #expect(End(lost, lifetime: nil, closedHere: false) == .failed)
        #expect(End(lost, lifetime: .milliseconds(999), closedHere: false) == .failed)
        #expect(End(lost, lifetime: .seconds(1), closedHere: false) == .lost)
        #expect(End(refused, lifetime: nil, closedHere: false) == .refused)
        #expect(End(lost, lifetime: .zero, closedHere: true) == .closedHere)
    }
}

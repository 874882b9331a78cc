import Synchronization
import Testing

@testable import Reprise

@Suite(.timeLimit(.minutes(1))) struct HeartbeatsTests {
    @Test func `The first heartbeat is sent at once, then the newest details, and no others`() async {
        let store = FakeStore()
        let heartbeats = Heartbeats(details: nil, timeout: .milliseconds(150), call: store.record)
        let start = ContinuousClock.now
        heartbeats.beat([0])
        await store.untilCount(1)
        for number in 1...100 { heartbeats.beat([UInt8(number)]) }
        await store.untilCount(2)
        // It may be later, never earlier.
        #expect(ContinuousClock.now - start >= .milliseconds(50))
        #expect(store.calls == [[0], [100]])
        await heartbeats.finish()
        #expect(store.calls.count == 2)
    }

    @Test func `Details stay until newer ones come`() async {
        let store = FakeStore()
        let heartbeats = Heartbeats(details: [9], timeout: .milliseconds(30), call: store.record)
        #expect(heartbeats.details == [9])
        heartbeats.beat(nil)
        await store.untilCount(1)
        heartbeats.beat([1])
        heartbeats.beat(nil)
        await store.untilCount(2)
        #expect(store.calls == [nil, [1]])
        #expect(heartbeats.details == [1])
        heartbeats.cancel()
    }

    @Test func `What could not be sent is sent later, unless there is something newer`() async {
        let store = FakeStore(failures: 2)
        let heartbeats = Heartbeats(details: nil, timeout: .milliseconds(30), call: store.record)
        heartbeats.beat([1])
        await store.untilCount(2)
        heartbeats.beat([2])
        await store.untilCount(3)
        #expect(store.calls.last == [2])
        heartbeats.cancel()
    }

    @Test func `The details of a failing call are sent by the next one`() async {
        let store = FakeStore(failures: 1)
        let heartbeats = Heartbeats(details: nil, timeout: .milliseconds(30), call: store.record)
        heartbeats.beat([1])
        await store.untilCount(2)
        #expect(store.calls == [[1], [1]])
        heartbeats.cancel()
    }

    @Test func `Finishing sends what is left without waiting for its time`() async {
        let store = FakeStore()
        let heartbeats = Heartbeats(details: nil, timeout: .seconds(3600), call: store.record)
        heartbeats.beat([1])
        await store.untilCount(1)
        heartbeats.beat([2])
        await heartbeats.finish()
        #expect(store.calls == [[1], [2]])
        heartbeats.beat([3])
        await heartbeats.finish()
        #expect(store.calls.count == 2)
    }

    @Test func `Nothing is sent where nothing was said`() async {
        let store = FakeStore()
        let heartbeats = Heartbeats(details: [1], timeout: nil, call: store.record)
        await heartbeats.finish()
        #expect(store.calls.isEmpty)
    }
}

/// Keeps what it is told, and fails at first.
private final class FakeStore: Sendable {
    private struct State {
        var calls: [[UInt8]?] = []
        var failures: Int
    }

    private let state: Mutex<State>

    init(failures: Int = 0) { state = Mutex(State(failures: failures)) }

    var calls: [[UInt8]?] { state.withLock { $0.calls } }

    @Sendable func record(_ details: [UInt8]?) async -> Bool {
        state.withLock { state in
            state.calls.append(details)
            state.failures -= 1
            return state.failures < 0
        }
    }

    func untilCount(_ count: Int) async {
        while calls.count < count { try? await Task.sleep(for: .milliseconds(1)) }
    }
}

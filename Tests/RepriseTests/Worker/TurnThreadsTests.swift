import Foundation
import ReplaySupport
import Synchronization
import Testing

@testable import Reprise

private final class Nothing: Workflow {
    func run(_ context: WorkflowContext) async throws {}
}

@Suite(.timeLimit(.minutes(1))) struct TurnThreadsTests {
    private let engine = makeEngine()

    private static func makeEngine() -> ReplayEngine {
        ScriptedRun<Nothing>.makeEngine(
            PayloadCodec(converter: JSONDataConverter(), limit: 1 << 20), ScriptedRun<Nothing>.quiet)
    }

    @Test func `A job that doesn't end is told of once, and doesn't hold up the others`() async {
        let threads = TurnThreads(count: 1, limit: 2)
        let (began, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let stuck = threads.run(engine) {
            began.signal()
            release.wait()
            return 1
        }
        await blocking { began.wait() }
        async let other = threads.run(Self.makeEngine()) { 2 }
        #expect(threads.relieve(after: .seconds(3600)).isEmpty)
        let late = await relieved(threads)
        #expect(late.map(ObjectIdentifier.init) == [ObjectIdentifier(engine)])
        #expect(await other == 2)
        #expect(!threads.relieve(after: .zero).contains { $0 === engine })
        release.signal()
        #expect(await stuck == 1)
    }

    @Test func `There are no more threads than the limit, and no more than before when all is well again`() async {
        let threads = TurnThreads(count: 1, limit: 2)
        let (began, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let gauge = Gauge()
        let stuck: @Sendable () -> Void = {
            gauge.enter()
            began.signal()
            release.wait()
            gauge.leave()
        }
        async let first: Void = threads.run(engine, stuck)
        async let second: Void = threads.run(engine, stuck)
        async let third: Void = threads.run(engine, stuck)
        for _ in 0..<2 {
            await blocking { began.wait() }
            _ = await relieved(threads)
        }
        await blocking { for _ in 0..<3 { release.signal() } }
        _ = await (first, second, third)
        #expect(gauge.highest == 2)

        let after = Gauge()
        let brief: @Sendable () -> Void = {
            after.enter()
            usleep(20_000)  // the time in which another thread would take the next job
            after.leave()
        }
        async let fourth: Void = threads.run(engine, brief)
        async let fifth: Void = threads.run(engine, brief)
        _ = await (fourth, fifth)
        #expect(after.highest == 1)
    }

    @Test func `Jobs that come together are told of together when all are over`() async {
        let threads = TurnThreads(count: 2, limit: 2)
        let engines = (0..<10).map { _ in Self.makeEngine() }
        let ran = Mutex(0)
        let told = AsyncStream<[Int]>.makeStream()
        threads.run(engines) { _ in
            ran.withLock { $0 += 1 }
        } finished: {
            told.continuation.yield($0)
        }
        var indices: [Int] = []
        for await some in told.stream {
            indices += some
            if indices.count == engines.count { break }
        }
        #expect(indices.sorted() == Array(engines.indices))
        #expect(ran.withLock { $0 } == engines.count)
    }

    @Test func `What is over is told of, and what waits is run, although one of those that came together goes on`()
        async
    {
        let threads = TurnThreads(count: 1, limit: 2)
        let (began, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let engines = (0..<3).map { _ in Self.makeEngine() }
        let told = AsyncStream<[Int]>.makeStream()
        threads.run(engines) { index in
            guard index == 1 else { return }
            began.signal()
            release.wait()
        } finished: {
            told.continuation.yield($0)
        }
        await blocking { began.wait() }
        _ = await relieved(threads)
        var indices: [Int] = []
        for await some in told.stream {
            indices += some
            if indices.count == 2 { break }
        }
        #expect(indices.sorted() == [0, 2])
        release.signal()
        for await some in told.stream {
            #expect(some == [1])
            break
        }
    }

    /// Relieves what runs now.
    private func relieved(_ threads: TurnThreads) async -> [ReplayEngine] {
        while true {
            let late = threads.relieve(after: .zero)
            if !late.isEmpty { return late }
            await Task.yield()
        }
    }

    /// Waits on a thread of its own.
    private func blocking(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                body()
                continuation.resume()
            }
        }
    }
}

/// Counts what runs at once.
private final class Gauge: Sendable {
    private let state = Mutex((current: 0, highest: 0))

    var highest: Int { state.withLock { $0.highest } }

    func enter() {
        state.withLock { state in
            state.current += 1
            state.highest = max(state.highest, state.current)
        }
    }

    func leave() { state.withLock { $0.current -= 1 } }
}

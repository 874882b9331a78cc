import RedisClient
import Synchronization
import Testing

@testable import RepriseRedis

private struct Item: BatchItem {
    var number: Int
    var arguments: ScriptArguments { ScriptArguments(number) }
}

/// The calls that a batcher makes, each of which ends when the test says so.
private final class Calls: Sendable {
    typealias Ending = Result<[Int], RedisError>

    private struct State {
        var begun: [[Int]] = []
        var open: [Int: CheckedContinuation<Ending, Never>] = [:]
    }

    private let state = Mutex(State())

    /// What each call brought.
    var begun: [[Int]] { state.withLock { $0.begun } }

    func send(_ items: [Item]) async throws(RedisError) -> [Int] {
        let numbers = items.map(\.number)
        let ending = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { state in
                    state.open[state.begun.count] = continuation
                    state.begun.append(numbers)
                }
            }
        } onCancel: {
            // As the client does.
            if let call = begun.lastIndex(of: numbers) { end(call, failing: RedisError(.cancelled, "cancelled")) }
        }
        return try ending.get()
    }

    /// Waits until so many calls have begun.
    func begun(_ count: Int) async { while begun.count < count { await Task.yield() } }

    /// Ends a call: each item gets its number times ten.
    func end(_ call: Int, failing error: RedisError? = nil) {
        let (continuation, items) = state.withLock { ($0.open.removeValue(forKey: call), $0.begun[call]) }
        continuation?.resume(returning: error.map { .failure($0) } ?? .success(items.map { $0 * 10 }))
    }
}

private struct Line {
    let calls = Calls()
    private let batcher: Batcher<Item, Int>

    init(gathers: Bool) {
        batcher = Batcher(gathers: gathers) { [calls] items throws(RedisError) in try await calls.send(items) }
    }

    /// Hands in items, and returns when they are there.
    func submit(_ numbers: ClosedRange<Int>, repeats: Bool = false) -> Task<[Int?], Never> {
        Task { await batcher.submit(numbers.map { Item(number: $0) }, repeats: repeats).map { try? $0.get() } }
    }
}

/// Each with a line that waits for a thread before a call, and with one that doesn't.
@Suite(.timeLimit(.minutes(1))) struct BatcherTests {
    @Test(arguments: [true, false]) func `What comes while a call is under way goes with the next one`(gathers: Bool)
        async
    {
        let line = Line(gathers: gathers)
        let calls = line.calls
        let first = line.submit(1...1)
        await calls.begun(1)
        let others = [line.submit(2...3), line.submit(4...4)]
        // Both wait: nothing else can be told of them than that no call begins.
        for _ in 0..<1000 { await Task.yield() }
        #expect(calls.begun == [[1]])
        calls.end(0)
        #expect(await first.value == [10])
        await calls.begun(2)
        #expect(calls.begun[1].sorted() == [2, 3, 4])
        calls.end(1)
        #expect(await others[0].value == [20, 30])
        #expect(await others[1].value == [40])
    }

    @Test(arguments: [true, false])
    func `Much that waits goes beside the call that is under way, and the answers find who asked`(gathers: Bool) async {
        let line = Line(gathers: gathers)
        let calls = line.calls
        let first = line.submit(1...1)
        await calls.begun(1)
        let second = line.submit(11...18)
        await calls.begun(2)
        #expect(calls.begun[1] == Array(11...18))
        let third = line.submit(21...28)
        for _ in 0..<1000 { await Task.yield() }
        #expect(calls.begun.count == 2)
        // The later call ends first.
        calls.end(1)
        #expect(await second.value == (11...18).map { $0 * 10 })
        await calls.begun(3)
        calls.end(0)
        calls.end(2)
        #expect(await first.value == [10])
        #expect(await third.value == (21...28).map { $0 * 10 })
    }

    @Test(arguments: [true, false]) func `What is too much for one call goes in two, which may end in any order`(
        gathers: Bool
    ) async {
        let line = Line(gathers: gathers)
        let calls = line.calls
        let many = line.submit(1...50)
        await calls.begun(2)
        #expect(calls.begun == [Array(1...32), Array(33...50)])
        calls.end(1)
        calls.end(0)
        #expect(await many.value == (1...50).map { $0 * 10 })
    }

    @Test(arguments: [true, false]) func `A call that fails fails its items, and the next ones go on`(gathers: Bool)
        async
    {
        let line = Line(gathers: gathers)
        let calls = line.calls
        let first = line.submit(1...1)
        await calls.begun(1)
        let second = line.submit(2...2)
        calls.end(0, failing: RedisError(.timedOut, "no answer"))
        #expect(await first.value == [nil])
        await calls.begun(2)
        calls.end(1)
        #expect(await second.value == [20])
    }

    @Test(arguments: [true, false]) func `What may be repeated is sent again when its connection is lost`(gathers: Bool)
        async
    {
        let line = Line(gathers: gathers)
        let calls = line.calls
        let item = line.submit(1...1, repeats: true)
        await calls.begun(1)
        calls.end(0, failing: RedisError(.connectionLost, "gone"))
        await calls.begun(2)
        calls.end(1)
        #expect(await item.value == [10])
    }

    @Test(arguments: [true, false]) func `A caller that is cancelled returns at once, and what waits isn't sent`(
        gathers: Bool
    ) async {
        let line = Line(gathers: gathers)
        let calls = line.calls
        let first = line.submit(1...1)
        await calls.begun(1)
        let second = line.submit(2...2)
        for _ in 0..<1000 { await Task.yield() }
        second.cancel()
        #expect(await second.value == [nil])
        first.cancel()
        #expect(await first.value == [nil])
        let third = line.submit(3...3)
        calls.end(0)
        await calls.begun(2)
        #expect(calls.begun[1] == [3])
        calls.end(1)
        #expect(await third.value == [30])
    }
}

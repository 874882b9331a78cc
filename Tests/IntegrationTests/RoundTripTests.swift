import Foundation
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

private final class One: Workflow {
    static let work = Activity<Int, Int>("work")
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(Self.work, input) }
}

private final class Sequence: Workflow {
    private let count: Int
    init(input: Int) { count = input }
    func run(_ context: WorkflowContext) async throws -> Int {
        var sum = 0
        for index in 0..<count { sum += try await context.execute(One.work, index) }
        return sum
    }
}

/// Counts, not times: they don't drift with the machine.
@Suite struct RoundTripTests {
    @Test func `A workflow of one activity takes at most 7 round trips, and its result 2 more`() async throws {
        try await withWorker { theirs, ours in
            let (client, runs) = (WorkflowClient(backend: ours), 10)
            // Connections, scripts and the subscription are there after the first.
            let first = try await client.start(One.self, id: "first", 0)
            _ = try await first.result(timeout: .patience)
            var before = (worker: try await idleFlushes(of: theirs), client: ours.statistics.flushes)
            for index in 1...runs {
                let handle = try await client.start(One.self, id: "run-\(index)", index)
                let result = try await handle.result(timeout: .patience)
                #expect(result == index)
                let after = (worker: try await idleFlushes(of: theirs), client: ours.statistics.flushes)
                let start = 1
                #expect(after.worker - before.worker + start <= 7)
                #expect(after.client - before.client - start <= 2)
                before = after
            }
        }
    }

    @Test func `A sequence of activities takes one round trip for each`() async throws {
        try await withWorker { theirs, ours in
            let client = WorkflowClient(backend: ours)
            _ = try await client.start(Sequence.self, id: "first", 1).result(timeout: .patience)
            let before = try await idleFlushes(of: theirs)
            let count = 100
            let result = try await client.start(Sequence.self, id: "sequence", count).result(timeout: .patience)
            #expect(result == count * (count - 1) / 2)
            // Beside them the wake-up, the first claim, the first turn, the next wait; and now and then a renewal, or a result that
            // goes alone because the machine stood still.
            #expect(try await idleFlushes(of: theirs) - before <= count + 20)
        }
    }

    @Test func `An idle worker sends at most a command in five seconds, however many runs sleep`() async throws {
        try await withWorker { theirs, ours in
            let client = WorkflowClient(backend: ours)
            _ = try await client.start(One.self, id: "first", 0).result(timeout: .patience)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<1000 {
                    let options = StartOptions(startAt: Date(timeIntervalSinceNow: 3600))
                    group.addTask { _ = try await client.start(One.self, id: "later-\(index)", 0, options: options) }
                }
                try await group.waitForAll()
            }
            _ = try await idleFlushes(of: theirs)
            let (before, start) = (theirs.statistics.commands, ContinuousClock.now)
            try await Site(backend: theirs).until("it looks for work again and again, in case that a wake-up was lost")
            {
                theirs.statistics.commands >= before + 4
            }
            // It has waited for a moment already.
            #expect(ContinuousClock.now - start >= .seconds(4 * 5) - .seconds(1))
        }
    }

    /// Lends a worker's backend and a client's.
    private func withWorker(_ body: (_ theirs: RedisBackend, _ ours: RedisBackend) async throws -> Void) async throws {
        let server = try await SharedServer.shared.server()
        let namespace = "round-trips-\(UUID().uuidString)"
        let theirs = try RedisBackend(url: server.url, namespace: namespace)
        let ours = try RedisBackend(url: server.url, namespace: namespace)
        try await Site(backend: theirs).withWorker {
            One.self
            Sequence.self
            One.work.implement { $0 }
        } during: {
            try await body(theirs, ours)
        }
        await ours.shutdown()
        await theirs.shutdown()
    }

    /// How often a backend has flushed once its worker is quiet: nothing more for a while. Idle workers send something each
    /// five seconds at most.
    private func idleFlushes(of backend: RedisBackend) async throws -> Int {
        while true {
            let before = backend.statistics.flushes
            try await Task.sleep(for: .milliseconds(100))
            if backend.statistics.flushes == before { return before }
        }
    }
}

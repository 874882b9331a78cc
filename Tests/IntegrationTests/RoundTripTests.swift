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

@Suite struct RoundTripTests {
    /// Counts, not times: they don't drift with the machine.
    @Test func `A workflow of one activity takes at most 10 round trips, and its result 2 more`() async throws {
        let server = try await SharedServer.shared.server()
        let namespace = "round-trips-\(UUID().uuidString)"
        let theirs = try RedisBackend(url: server.url, namespace: namespace)
        let ours = try RedisBackend(url: server.url, namespace: namespace)
        let client = WorkflowClient(backend: ours)
        let runs = 10
        try await Site(backend: theirs).withWorker {
            One.self
            One.work.implement { $0 }
        } during: {
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
                #expect(after.worker - before.worker + start <= 10)
                #expect(after.client - before.client - start <= 2)
                before = after
            }
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

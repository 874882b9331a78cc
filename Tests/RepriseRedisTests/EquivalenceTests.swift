import RedisTestServer
import Reprise
import RepriseRedis
import RepriseTesting
import Testing

/// The backend on Redis and the one in memory answer the same to the same calls.
struct EquivalenceTests {
    @Test(arguments: 0..<UInt64(120))
    func `random calls get the same answers from both backends`(_ seed: UInt64) async throws {
        let sequence = RandomCommandSequence(seed: seed)
        let memory = try await sequence.trace(on: InMemoryBackend())
        let server = try await SharedServer.shared.server()
        let backend = try RedisBackend(url: server.url, namespace: "equivalence-\(seed)")
        let redis = try await sequence.trace(on: backend)
        // The first difference says most.
        for (index, (one, other)) in zip(memory, redis).enumerated() where one != other {
            let before = memory[max(index - 12, 0)..<index].joined(separator: "\n")
            Issue.record("\(before)\ncall \(index): in memory \(one), on Redis \(other)")
            break
        }
        #expect(memory.count == redis.count)
        let violations = try await backend.checkInvariants()
        #expect(violations == [])
        await backend.shutdown()
    }
}

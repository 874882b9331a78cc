import RedisTestServer
import Reprise
import RepriseRedis
import RepriseTesting
import Synchronization
import Testing

/// The suite that every backend has to pass, on a real Redis. One case after the other: some have real deadlines.
@Suite(.serialized)
struct ConformanceTests {
    private static let namespaces = Mutex(0)

    private static let conformance = BackendConformance(
        makeBackend: { retention in
            let number = namespaces.withLock { count in
                count += 1
                return count
            }
            let server = try await SharedServer.shared.server()
            return try RedisBackend(url: server.url, namespace: "conformance-\(number)", retention: retention)
        },
        checkInvariants: { backend in
            guard let backend = backend as? RedisBackend else { return [] }
            return try await backend.checkInvariants()
        },
        tearDown: { backend in await (backend as? RedisBackend)?.shutdown() })

    @Test(arguments: BackendConformance.allCases)
    func `the backend on Redis conforms`(_ test: ConformanceCase) async throws {
        try await Self.conformance.run(test)
    }
}

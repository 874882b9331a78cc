import Reprise
import RepriseTesting
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: BackendConformance.allCases)
    func `In memory, with a virtual clock`(_ test: ConformanceCase) async throws {
        let conformance = BackendConformance(
            makeBackend: { retention in
                InMemoryBackend(
                    clock: .virtual(startingAt: Timestamp(milliseconds: 1_700_000_000_000)), retention: retention)
            },
            advance: { backend, duration in
                (backend as? InMemoryBackend)?.jump(by: duration, expiringLeases: true)
            },
            checkInvariants: { ($0 as? InMemoryBackend)?.checkInvariants() ?? [] })
        try await conformance.run(test)
    }

    @Test(arguments: BackendConformance.allCases)
    func `In memory, with the system clock`(_ test: ConformanceCase) async throws {
        let conformance = BackendConformance(
            makeBackend: { InMemoryBackend(retention: $0) },
            checkInvariants: { ($0 as? InMemoryBackend)?.checkInvariants() ?? [] })
        try await conformance.run(test)
    }
}

import Reprise
import RepriseRedis

/// What the Redis and its client can do at best: the calls of client and worker for workflows of one activity, without an
/// engine.
///
/// They go through the same methods of the backend and claim as a worker does, with as many slots. But no workflow and no
/// activity runs, no payload is encoded or decoded, and nobody waits for results.
struct Floor: Sendable {
    private let site: BenchSite
    private let calls: FloorCalls

    init(_ site: BenchSite) async throws {
        self.site = site
        calls = try await FloorCalls(site)
    }

    /// Runs workflows, as many at a time as ``BenchSite/startTogether(_:_:activities:)`` starts.
    func run(_ round: String, _ count: Int) async throws -> Measurement {
        let backend = site.workers[0]
        let registration = WorkerRegistration(
            id: "floor\(UInt64.random(in: .min ... .max))", name: "floor", queue: FloorCalls.queue,
            workflowTypes: [BenchSequence.name], activityNames: [BenchActivities.handle.name], lease: .seconds(300))
        try await backend.register(registration)
        let driver = FloorDriver(client: site.backend, backend, worker: registration.id, calls: calls, round, count)
        let measurement = try await site.measured(count) { _ in try await driver.run(inFlight: BenchSite.startsInFlight)
        }
        try await backend.unregister(worker: registration.id)
        return measurement
    }
}

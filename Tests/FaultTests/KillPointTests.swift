import CSanitizers
import FaultWorker
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct KillPointTests {
        @Test(.timeLimit(.minutes(10)))
        func `A worker may be killed at every moment of every call that it makes`() async throws {
            try await forEach(KillPoint.all, lease: .seconds(1)) { point, site, load, victim, proxy in
                victim.kill()
                await victim.exitStatus()
                let successor = try site.worker("successor")
                try await load.verify(at: site, comment: "\(point)")
                try await site.stop(successor)
            }
        }

        @Test(.timeLimit(.minutes(10)))
        func `Any call's connection may break before or after Redis has done it, and no lease is waited for`()
            async throws
        {
            let points = KillPoint.all.filter { $0.moment != .answered }
            let slowness = isSanitized() ? 4 : 1
            try await forEach(points, lease: .seconds(15 * slowness)) { point, site, load, worker, proxy in
                proxy.cutAndGoOn()
                let began = ContinuousClock.now
                // One that is told to stop exits.
                let isStopping = point.call == .releaseActivity || point.call == .unregister
                let successor = isStopping ? try site.worker("successor") : nil
                try await load.verify(at: site, comment: "\(point)")
                #expect(ContinuousClock.now - began < .seconds(10 * slowness), "\(point): \(worker.log.suffix(3000))")
                if !isStopping {
                    let repeated = try await site.store.beginnings().filter { $0.value > 1 }
                    #expect(repeated == [:], "\(point)")
                }
                try await site.stop(worker)
                if let successor { try await site.stop(successor) }
            }
        }

        /// Lets a worker come to each point, and then something happen to it.
        private func forEach(
            _ points: [KillPoint], lease: Duration,
            _ body:
                @escaping @Sendable (KillPoint, FaultSite, PointLoad, WorkerProcess, FaultProxy) async throws -> Void
        ) async throws {
            try await FaultSite.with(lease: lease) { site in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, point) in points.enumerated() {
                        if index >= 6 { try await group.next() }
                        group.addTask {
                            try await site.with(namespace: "\(point.call)-\(point.moment)") { part in
                                let load = try await part.startLoad(for: point.call)
                                let proxy = try await FaultProxy.start(to: part.server.port)
                                let worker = try await part.worker("victim", stoppedAt: point, by: proxy)
                                try await body(point, part, load, worker, proxy)
                                await proxy.stop()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}

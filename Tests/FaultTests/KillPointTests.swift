import FaultWorker
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct KillPointTests {
        @Test(.timeLimit(.minutes(2)))
        func `A worker may be killed at every moment of every call that it makes`() async throws {
            try await FaultSite.with(lease: .seconds(1)) { site in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, point) in KillPoint.all.enumerated() {
                        if index >= 6 { try await group.next() }
                        group.addTask {
                            try await site.with(namespace: "\(point.call)-\(point.moment)") { part in
                                try await kill(at: point, part)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }

        private func kill(at point: KillPoint, _ site: FaultSite) async throws {
            let load = try await site.startLoad(for: point.call)
            let proxy = try await FaultProxy.start(to: site.server.port)
            proxy.stop(at: point)
            let victim = try site.worker("victim", url: proxy.url)
            try await site.provoke(point.call, of: victim, through: proxy)
            do {
                try await eventually("\(point) is reached", within: .seconds(20)) { proxy.isReached }
            } catch {
                Issue.record(error, "\(victim.log.suffix(3000))")
            }
            victim.kill()
            await victim.exitStatus()
            await proxy.stop()
            Figures.shared.add(faults: 1)

            let successor = try site.worker("successor")
            try await load.verify(at: site, comment: "\(point)")
            successor.terminate()
            #expect(await successor.exitStatus() == 0)
        }
    }
}

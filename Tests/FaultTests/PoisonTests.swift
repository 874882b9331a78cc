import FaultWorker
import Foundation
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct PoisonTests {
        private let lease = Duration.seconds(3)

        @Test(.timeLimit(.minutes(10)))
        func `An activity that kills its workers takes three of them, and fifty neighbours finish in time`()
            async throws
        {
            try await poison(.init(inActivity: true)) { reason in
                reason == "3 workers in a row died while they ran activity “trap” (operation 0)"
            }
        }

        @Test(.timeLimit(.minutes(10)))
        func `An activity that kills its workers after a while takes three of them, too`() async throws {
            try await poison(.init(inActivity: true, after: 700)) { reason in
                reason == "3 workers in a row died while they ran activity “trap” (operation 0)"
            }
        }

        @Test(.timeLimit(.minutes(10)))
        func
            `An activity that kills its workers takes three of them, however short its timeout is and often it is tried`()
            async throws
        {
            try await poison(.init(inActivity: true, timeout: 500)) { reason in
                reason == "3 workers in a row died while they ran activity “trap” (operation 0)"
            }
        }

        @Test(.timeLimit(.minutes(10)))
        func `A workflow that kills its workers takes three of them, and fifty neighbours finish in time`() async throws
        {
            try await poison(.init(inActivity: false)) { $0 == "3 workers in a row died while they held it" }
        }

        private func poison(_ poison: Poison.Input, isReason: (String?) -> Bool) async throws {
            try await FaultSite.with(lease: lease) { site in
                try await Fleet.with(3, at: site) { fleet in
                    let watch = try await DeathWatch(site.server)
                    var neighbours: [WorkflowHandle<Neighbour>] = []
                    for index in 0..<12 { neighbours.append(try await start("long-\(index)", 6000, at: site)) }
                    try await eventually("the long ones have begun") {
                        try await site.store.notedDeliveries().count >= 12
                    }
                    let handle = try await site.client.start(Poison.self, id: "poison", poison)
                    for index in 0..<38 {
                        neighbours.append(try await start("short-\(index)", 100, at: site))
                        try await Task.sleep(for: .milliseconds(200))
                    }
                    let blocked = try await handle.wait(until: { $0.state == .blocked }, timeout: .patience)
                    #expect(isReason(blocked.reason), "\(blocked.reason ?? "no reason")")
                    #expect(blocked.blockage?.worker.hasPrefix("worker-") == true)
                    for neighbour in neighbours { try await neighbour.result(timeout: .patience) }
                    #expect(await fleet.deaths == 3)
                    var listed: [RunID] = []
                    for try await run in site.client.blockedRuns() { listed.append(run.run) }
                    #expect(listed == [handle.run])
                    try judge(try await site.store.notedDeliveries(), watch.deaths)
                    await watch.stop()
                }
            }
        }

        private func start(_ name: String, _ milliseconds: Int, at site: FaultSite) async throws -> WorkflowHandle<
            Neighbour
        > {
            try await site.client.start(Neighbour.self, id: name, .init(name: name, milliseconds: milliseconds))
        }

        /// How late the neighbours were, from the death of their worker on, and how many deaths were counted for them.
        private func judge(_ deliveries: [FaultStore.Delivery], _ deathLines: [String]) throws {
            let deaths = Dictionary(deliveries.filter { $0.activity == "poison" }.map { ($0.worker, $0.began) }) { $1 }
            var delays: [Double] = []
            for (_, begun) in Dictionary(grouping: deliveries.filter { $0.activity != "poison" }, by: \.activity) {
                for (first, second) in zip(begun, begun.dropFirst()) {
                    guard let death = deaths[first.worker] else { continue }
                    delays.append(second.began.timeIntervalSince(death))
                }
            }
            var counted: [String: Int] = [:]
            for line in deathLines {
                guard let match = line.firstMatch(of: /:ops:\d+:((?:long|short)-\d+)" "\d+" "a . \d+ \d+ (\d+)/) else {
                    continue
                }
                counted[String(match.1)] = max(counted[String(match.1)] ?? 0, Int(match.2) ?? 0)
            }
            let counts = Dictionary(grouping: counted.values, by: \.self).mapValues(\.count)
            print("delays of neighbours in seconds:", delays.sorted().map { ($0 * 100).rounded() / 100 })
            print("neighbours by deaths counted:", counts)
            // A lease until its death is noticed, a third of one until all are tried, and what the machine needs.
            #expect(delays.allSatisfy { Duration.seconds($0) < lease * 2 })
            // It would have been blocked.
            #expect(counted.values.allSatisfy { $0 < 3 })
        }
    }
}

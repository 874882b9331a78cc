import NIOCore
import Reprise
import RepriseRedis
import Testing

extension Faults {
    @Suite struct ProxyTests {
        private let clock = ContinuousClock()

        @Test(.timeLimit(.minutes(5)))
        func `Connections may be cut after any byte`() async throws {
            let random = SeededRandom()
            try await disturbed(for: .seconds(6), random) { connection in
                var random = random.branch(connection)
                // Every small number in turn: the opening and the first calls; then larger ones, for long replies.
                let bytes =
                    connection.isMultiple(of: 2) ? connection / 2 * 7 % 997 : .random(in: 500...60_000, using: &random)
                let steps: [Disturbance.Step] = [.pass(bytes), .cut]
                return random.next() % 2 == 0 ? Disturbance(requests: steps) : Disturbance(replies: steps)
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `Requests and replies may be late, stop in their middle, or come byte by byte`() async throws {
            let random = SeededRandom()
            try await disturbed(for: .seconds(6), mayRepeat: true, random) { connection in
                var random = random.branch(connection)
                func steps() -> [Disturbance.Step] {
                    var steps: [Disturbance.Step] = []
                    for _ in 0..<20 {
                        steps.append(.pass(.random(in: 0...3000, using: &random)))
                        steps.append(.pause(.milliseconds(.random(in: 1...300, using: &random))))
                        steps.append(.trickle(.random(in: 0...500, using: &random)))
                    }
                    return steps + (random.next() % 2 == 0 ? [.cut] : [])
                }
                return Disturbance(requests: steps(), replies: steps())
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func `Connections may fall silent, from the first byte or in their middle`() async throws {
            let random = SeededRandom()
            try await disturbed(for: .seconds(6), mayRepeat: true, random) { connection in
                var random = random.branch(connection)
                switch random.next() % 3 {
                case 0: return .deaf
                case 1: return Disturbance(requests: [.pass(.random(in: 0...20_000, using: &random)), .swallow])
                default: return Disturbance(replies: [.pass(.random(in: 0...20_000, using: &random)), .swallow])
                }
            }
        }

        /// All workers and clients connect through a proxy, which disturbs them for a while.
        private func disturbed(
            for duration: Duration, mayRepeat: Bool = false, _ random: SeededRandom,
            _ plan: @escaping FaultProxy.Plan
        ) async throws {
            try await FaultSite.with(lease: .seconds(4), commandTimeout: .seconds(1), hasProxy: true) { site in
                let proxy = try #require(site.proxy)
                try await Fleet.with(3, at: site) { fleet in
                    let shape = LoadDriver.Shape(count: 60, mayRepeat: mayRepeat)
                    try await LoadDriver.run(shape, at: site, comment: random.comment) { driver in
                        try await eventually("the load is under way") { driver.finishedCount >= 5 }
                        proxy.use(plan)
                        proxy.cutAll()
                        try await Task.sleep(for: duration)
                        try await site.checkInvariants()
                        Figures.shared.add(faults: proxy.accepted)
                        let before = driver.finishedCount
                        proxy.use { _ in .none }
                        proxy.cutAll()
                        print("\(before) runs finished on \(proxy.accepted) disturbed connections")
                    }
                    #expect(await fleet.deaths == 0)
                }
            }
        }
    }
}

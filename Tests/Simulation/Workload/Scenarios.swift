import Foundation
import Reprise

/// What clients do with one workflow from its start to its end, and what must come of it.
struct Scenario: Sendable {
    let name: String
    let play: @Sendable (World, _ id: String) async throws -> Void

    static let all = [chain, fan, purchase, race, collector, tally, family, recorder, nap, webhook]

    private static func json(_ value: some Encodable) throws -> [UInt8] { try JSONDataConverter().encode(value) }

    /// Waits for a run's end, and for its output if it was not disturbed.
    private static func output<Output: Decodable>(
        _ type: Output.Type, of run: RunID, _ disturbance: Clients.Disturbance = .none, in world: World
    ) async throws -> Output? {
        switch (try await world.clients.outcome(of: run), disturbance) {
        case (.completed(let bytes), _): return try JSONDataConverter().decode(type, from: bytes)
        case (.cancelled(reason: "asked"), .cancel), (.terminated(reason: "ended"), .terminate): return nil
        case (let outcome, _): throw Impossible("run \(run) ended as \(outcome)")
        }
    }

    private static func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        if !condition { throw Impossible(what()) }
    }

    static let chain = Scenario(name: "chain") { world, id in
        let count = 1 + world.chance.below(4)
        let delay: Duration? = world.happens(0.3) ? world.chance.duration(0...8000) : nil
        let run = try await world.clients.start(Chain.self, id, json(count), after: delay)
        let disturbance = world.clients.disturb(run, cancelling: 0.2, terminating: 0.2)
        if let value = try await output(Int.self, of: run, disturbance, in: world) {
            try expect(value == Chain.expected(count), "a chain of \(count) returned \(value)")
        }
    }

    static let fan = Scenario(name: "fan") { world, id in
        let count = 2 + world.chance.below(7)
        let run = try await world.clients.start(Fan.self, id, json(count))
        let disturbance = world.clients.disturb(run, cancelling: 0.2, terminating: 0.1)
        if let value = try await output(Int.self, of: run, disturbance, in: world) {
            try expect(value == Fan.expected(count), "a fan of \(count) returned \(value)")
        }
    }

    static let purchase = Scenario(name: "purchase") { world, id in
        var amounts = (0...world.chance.below(3)).map { _ in 1 + world.chance.below(100) }
        let isDeclined = world.happens(0.3)
        if isDeclined { amounts.append(-1) }
        let run = try await world.clients.start(Purchase.self, id, json(amounts))
        let disturbance = world.clients.disturb(run, cancelling: 0.4, terminating: 0)
        let output = try await output(Int.self, of: run, disturbance, in: world)
        let sum = isDeclined || output == nil ? 0 : amounts.reduce(0, +)
        try expect(output ?? 0 == sum, "a purchase of \(amounts) returned \(output ?? 0)")
        let accounts = amounts.indices.map { Purchase.account(id, $0) }
        try expect(
            world.ledger.sum(of: accounts) == sum, "the ledger has \(world.ledger.sum(of: accounts)), not \(sum)")
    }

    static let race = Scenario(name: "race") { world, id in
        let run = try await world.clients.start(Race.self, id, [])
        await world.pause(for: world.chance.duration(0...8000))
        try await world.clients.signal(run, "go", [])
        let output = try await output([String].self, of: run, in: world) ?? []
        try expect(Race.isExpected(output), "a race returned \(output)")
    }

    static let collector = Scenario(name: "collector") { world, id in
        let (items, pokes) = (1 + world.chance.below(9), world.chance.below(3))
        let run = try await world.clients.start(
            Collector.self, id, json(Collector.Input(expected: items, pokes: pokes)))
        let poking = Task {
            for _ in 0..<pokes {
                await world.pause(for: world.chance.duration(0...2000))
                try await world.clients.signal(run, "poke", [])
            }
        }
        for item in 0..<items {
            await world.pause(for: world.chance.pick([.zero, .zero, .milliseconds(500), .seconds(3)]))
            try await world.clients.signal(run, "item", json(item))
        }
        try await poking.value
        let state = try await output(Collector.Input.self, of: run, in: world)
        try expect(
            state?.received == Array(0..<items) && state?.poked == pokes,
            "a collector of \(items) and \(pokes) got \(state.map { "\($0)" } ?? "nothing")")
    }

    static let tally = Scenario(name: "tally") { world, id in
        let count = world.chance.below(20)
        let run = try await world.clients.start(Tally.self, id, json([Int]()))
        for item in 0..<count {
            await world.pause(for: world.chance.duration(0...800))
            try await world.clients.signal(run, "item", json(item))
        }
        try await world.clients.signal(run, "stop", [])
        let items = try await output([Int].self, of: run, in: world) ?? []
        try expect(items == Array(0..<count), "a tally of \(count) has \(items)")
    }

    static let family = Scenario(name: "family") { world, id in
        let milliseconds = 1 + world.chance.below(3000)
        let run = try await world.clients.start(Family.self, id, json(milliseconds))
        let disturbance = world.clients.disturb(run, cancelling: 0.2, terminating: 0.2)
        if let output = try await output([Int].self, of: run, disturbance, in: world) {
            try expect(Family.isExpected(output, milliseconds), "a family of \(milliseconds) returned \(output)")
        }
    }

    static let recorder = Scenario(name: "recorder") { world, id in
        let run = try await world.clients.start(Recorder.self, id, [])
        let output = try await output(Bool.self, of: run, in: world)
        try expect(output == true, "a recorder returned \(output.map { "\($0)" } ?? "nothing")")
    }

    static let nap = Scenario(name: "nap") { world, id in
        let run = try await world.clients.start(Nap.self, id, json(1 + world.chance.below(4)))
        let disturbance = world.clients.disturb(run, cancelling: 0.3, terminating: 0.1)
        let early = try await output(Int.self, of: run, disturbance, in: world) ?? 0
        try expect(early == 0, "\(early) timers fired early")
    }

    static let webhook = Scenario(name: "webhook") { world, id in
        let number = world.chance.below(100)
        let run = try await world.clients.start(Webhook.self, id, json(number))
        let disturbance = world.clients.disturb(run, cancelling: 0.1, terminating: 0.1)
        if let output = try await output([Int].self, of: run, disturbance, in: world) {
            try expect(output == [Jobs.result(of: number), 3], "webhook \(number) returned \(output)")
        }
    }
}

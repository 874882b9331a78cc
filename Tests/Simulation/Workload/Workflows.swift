import Foundation
import Reprise

/// One activity after the other.
final class Chain: Workflow {
    private let count: Int
    init(input: Int) { count = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        var value = 0
        for _ in 0..<count { value = try await context.execute(Jobs.add, value) }
        return value
    }

    static func expected(_ count: Int) -> Int { (0..<count).reduce(0) { value, _ in Jobs.result(of: value) } }
}

/// Many activities side by side, in two queues.
final class Fan: Workflow {
    private let count: Int
    init(input: Int) { count = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        try await context.map(0..<count, maxConcurrent: 4) { index in
            let options = ActivityOptions(queue: index.isMultiple(of: 2) ? nil : World.queues.side)
            return try await context.execute(index == 0 ? Jobs.crawl : Jobs.add, index, options: options)
        }.reduce(0, +)
    }

    static func expected(_ count: Int) -> Int { (0..<count).map(Jobs.result).reduce(0, +) }
}

/// Charges accounts, and gives it all back if one is declined or the run is cancelled.
final class Purchase: Workflow {
    private let amounts: [Int]
    init(input: [Int]) { amounts = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        do {
            return try await context.saga { saga in
                var sum = 0
                for (index, amount) in self.amounts.enumerated() {
                    let account = Self.account(context.info.workflowID, index)
                    saga.compensate(account) { try await context.execute(Jobs.refund, account) }
                    sum += try await context.execute(Jobs.charge, .init(account: account, amount: amount))
                }
                return sum
            }
        } catch let failure as ActivityFailure where failure.type == "Declined" {
            return 0
        }
    }

    static func account(_ id: String, _ index: Int) -> String { "\(id).\(index)" }
}

/// Whatever comes first.
final class Race: Workflow {
    static let go = Signal("go", Race.go)
    static let never = Signal<Race, Int>("never")
    static var handlers: [Handler<Race>] { go }

    private var mayGo = false
    func go() { mayGo = true }

    func run(_ context: WorkflowContext) async throws -> [String] {
        let winner = try await context.race(
            { "work \(try await context.execute(Jobs.add, 20))" },
            {
                try await context.sleep(for: .seconds(2))
                return "timer"
            })
        var second = "signal"
        do {
            _ = try await context.withTimeout(.seconds(1)) { try await context.receive(Self.never) }
        } catch is TimedOut { second = "timed out" }
        try await context.wait { self.mayGo }
        return [winner, second]
    }

    init() {}
    static func isExpected(_ output: [String]) -> Bool {
        ["work 41", "timer"].contains(output[0]) && output[1] == "timed out"
    }
}

/// Receives numbers, in row of runs that continue as new.
final class Collector: Workflow {
    struct Input: Codable, Sendable {
        var expected: Int
        var pokes: Int
        var received: [Int] = []
        var poked = 0
    }

    static let item = Signal<Collector, Int>("item")
    static let poke = Signal("poke", Collector.poke)
    static var handlers: [Handler<Collector>] { poke }

    private var state: Input
    init(input: Input) { state = input }
    func poke() { state.poked += 1 }

    func run(_ context: WorkflowContext) async throws -> Input {
        for _ in 0..<3 where state.received.count < state.expected {
            state.received.append(try await context.receive(Self.item))
        }
        if state.received.count < state.expected { throw continueAsNew(with: state) }
        try await context.wait { self.state.poked >= self.state.pokes }
        return state
    }
}

/// Notes what its handler gets, and continues as new at moments that have nothing to do with it.
final class Tally: Workflow {
    static let item = Signal("item", Tally.item)
    static let stop = Signal("stop", Tally.stop)
    static var handlers: [Handler<Tally>] {
        item
        stop
    }

    private var items: [Int]
    private var isStopped = false
    init(input: [Int]) { items = input }
    func item(_ value: Int) { items.append(value) }
    func stop() { isStopped = true }

    func run(_ context: WorkflowContext) async throws -> [Int] {
        switch try await context.wait(within: .milliseconds(1500), until: { self.isStopped }) {
        case .satisfied: return items
        case .deadlineReached: throw continueAsNew(with: items)
        }
    }
}

/// A child: sleeps and works.
final class Leaf: Workflow {
    private let milliseconds: Int
    init(input: Int) { milliseconds = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        try await context.sleep(for: .milliseconds(milliseconds))
        return try await context.execute(Jobs.add, milliseconds)
    }
}

/// Waits for some of its children and leaves others behind.
final class Family: Workflow {
    private let milliseconds: Int
    init(input: Int) { milliseconds = input }

    func run(_ context: WorkflowContext) async throws -> [Int] {
        let id = context.info.workflowID
        for policy in [ParentClosePolicy.terminate, .cancel, .abandon] {
            _ = context.startChild(
                Leaf.self, id: "\(id)-\(policy)", milliseconds * 2, options: ChildOptions(parentClosePolicy: policy))
        }
        let collector = context.startChild(Collector.self, .init(expected: 4, pokes: 0))
        for value in 0..<4 { try collector.signal(Collector.item, value) }
        let leaf = try await context.executeChild(Leaf.self, milliseconds)
        var taken = 0
        do {
            try await context.executeChild(Leaf.self, id: "\(id)-abandon", 1)
        } catch is ChildWorkflowFailure { taken = 1 }
        return try await collector.value.received + [leaf, taken]
    }

    static func isExpected(_ output: [Int], _ milliseconds: Int) -> Bool {
        // The id is taken, unless the child that has it was quick.
        output.dropLast() == [0, 1, 2, 3, Jobs.result(of: milliseconds)]
    }
}

/// Values that are recorded or derived, and activities that run inside turns.
final class Recorder: Workflow {
    /// Something that differs from call to call.
    nonisolated(unsafe) static var counter = 0

    func run(_ context: WorkflowContext) async throws -> Bool {
        var random = context.random
        let rolled = Int.random(in: 0..<1000, using: &random)
        let drawn = try context.sideEffect {
            Self.counter += 1
            return Self.counter
        }
        let local = try await context.executeLocally(Jobs.add, rolled)
        let several = try await context.map([rolled, 7]) { try await context.executeLocally(Jobs.add, $0) }
        let version = context.version("step", 1...2)
        let before = context.now
        let far = try await context.execute(Jobs.add, drawn + rolled + version)
        let text = context.uuid().uuidString
        // Another value than the recorded one is a divergence in a replay.
        let last = try await context.execute(Jobs.add, text.utf8.reduce(0) { $0 + Int($1) } % 1000)
        return local == Jobs.result(of: rolled) && several == [rolled, 7].map(Jobs.result)
            && far == Jobs.result(of: drawn + rolled + version) && last % 2 == 1 && context.now >= before
    }

    init() {}
}

/// Sleeps, and never too short.
final class Nap: Workflow {
    private let count: Int
    init(input: Int) { count = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        var late = 0
        for index in 0..<count {
            let due = context.now.addingTimeInterval(Double(index + 1))
            try await context.sleep(until: due)
            if context.now < due { late += 1 }
        }
        return late
    }
}

/// Waits for what is finished from outside, and for what never succeeds.
final class Webhook: Workflow {
    private let number: Int
    init(input: Int) { number = input }

    func run(_ context: WorkflowContext) async throws -> [Int] {
        let value = try await context.execute(Jobs.later, number)
        do {
            try await context.execute(Jobs.hopeless, number)
            return []
        } catch let failure as ActivityFailure {
            return [value, failure.attempts]
        }
    }
}

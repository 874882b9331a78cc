import Foundation
import Reprise
import Testing

/// Adds what it is sent, and begins anew after each ten.
private final class Meter: Workflow {
    static let add = Signal<Meter, Int>("add")
    struct Input: Codable, Sendable { var total = 0; var rounds = 0; var goal: Int }
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> [Int] {
        var input = input
        for _ in 0..<10 {
            input.total += try await context.receive(Self.add)
            if input.total == input.goal { return [input.total, input.rounds] }
        }
        input.rounds += 1
        throw continueAsNew(with: input)
    }
}

private final class MeterOwner: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> [Int] {
        let meter = context.startChild(Meter.self, id: "meter", .init(goal: input))
        for value in 1...25 { try meter.signal(Meter.add, value) }
        return try await meter.value
    }
}

/// Remembers the number of each of its runs, until it gets what it waits for in time.
private final class Chain: Workflow {
    static let data = Signal<Chain, Int>("data")
    static let next = Signal<Chain, Void>("next")
    private let input: [Int]
    init(input: [Int]) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> [Int] {
        let numbers = input + [context.info.runNumber]
        let deadline = context.now.addingTimeInterval(0.005)
        if let data = try await context.receive(Self.data, deadline: deadline) { return numbers + [data] }
        try await context.receive(Self.next)
        throw continueAsNew(with: numbers)
    }
}

@Suite struct ContinueAsNewTests {
    @Test(arguments: BackendKind.allCases)
    func `A signal that came too late for one run is the next one's`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Chain.self
            } during: {
                let handle = try await site.client.start(Chain.self, id: "chain", [])
                var number = 0
                for round in 1...3 {
                    try await site.until("run \(round) has waited in vain") {
                        let newest = try await site.client.describe(id: "chain")
                        guard newest.run.number > number, newest.through >= 3 else { return false }
                        number = newest.run.number
                        return true
                    }
                    if round == 3 { try await handle.signal(Chain.data, 42) }
                    try await handle.signal(Chain.next)
                }
                let result = try await handle.result(timeout: .patience)
                #expect(result.count == 5)
                #expect(result.last == 42)
                let numbers = result.dropLast()
                #expect(numbers.first == handle.run.number)
                #expect(Set(numbers).count == 4)
                #expect(numbers.sorted() == Array(numbers))
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A run that continues as new loses no signal, and its handle goes on with it`(_ kind: BackendKind) async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Meter.self
            } during: {
                let goal = (1...95).reduce(0, +)
                let handle = try await site.client.start(Meter.self, id: "m", .init(goal: goal))
                // Some come one at a time, some many at once; the handle names the first run all the while.
                for value in 1...30 { try await handle.signal(Meter.add, value) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for value in 31...95 { group.addTask { try await handle.signal(Meter.add, value) } }
                    try await group.waitForAll()
                }
                #expect(try await handle.result(timeout: .patience) == [goal, 9])
                let first = try await site.client.describe(id: "m", runNumber: handle.run.number)
                #expect(first.state == .continuedAsNew)
                #expect(first.successor != nil)
                #expect(try await site.client.describe(id: "m").state == .completed)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A child that continues as new stays its parent's child`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                MeterOwner.self
                Meter.self
            } during: {
                let goal = (1...25).reduce(0, +)
                let handle = try await site.client.start(MeterOwner.self, id: "owner", goal)
                #expect(try await handle.result(timeout: .patience) == [goal, 2])
            }
        }
    }
}

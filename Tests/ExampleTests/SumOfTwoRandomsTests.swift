import Reprise
import RepriseTesting
import Testing

@testable import sum_of_two_randoms

@Suite(.timeLimit(.minutes(1))) struct SumOfTwoRandomsTests {
    @Test func `Each die is thrown once, however often the workflow is replayed`() async throws {
        let throwCount = Calls<Void>()
        let environment = try TestEnvironment {
            SumOfTwoRandoms.self
            Dice.throwOne.implement { throwCount.add(()) }
        }
        let sum = try await environment.start(SumOfTwoRandoms.self, id: "sum")
        let output = try await sum.result()
        #expect(Set([output.one, output.two]) == [1, 2])
        #expect(output.sum == 3)
        #expect(throwCount.all.count == 2)
    }

    @Test func `Both dice are thrown at the same time`() async throws {
        let bothBegan = Gate(count: 2)
        let environment = try TestEnvironment {
            SumOfTwoRandoms.self
            // Neither comes up before the other is in the air: one after the other would never end.
            Dice.throwOne.implement {
                bothBegan.open()
                await bothBegan.wait()
                return 6
            }
        }
        let sum = try await environment.start(SumOfTwoRandoms.self, id: "sum")
        #expect(try await sum.result() == SumOfTwoRandoms.Output(one: 6, two: 6, sum: 12))
    }

    @Test func `A workflow that throws dice itself is found out by its first test`() async throws {
        let environment = try TestEnvironment {
            Cheat.self
            Cheat.show.implement { _ in }
        }
        let cheat = try await environment.start(Cheat.self, id: "cheat")
        await environment.settle()
        let description = try await cheat.describe()
        #expect(description.state == .blocked)
        let reason = try #require(description.reason)
        // It says what differs and where, and the run isn't lost.
        for fragment in ["cheat.show", "SumOfTwoRandomsTests.swift"] { #expect(reason.contains(fragment)) }
    }
}

private final class Cheat: Workflow {
    static let show = Activity<Int, Void>("cheat.show")

    init() {}

    func run(_ context: WorkflowContext) async throws {
        try await context.execute(Self.show, Int.random(in: 0...Int.max))
    }
}

import Reprise
import RepriseTesting
import Testing

@testable import fan_out_sum

@Suite(.timeLimit(.minutes(1))) struct FanOutSumTests {
    @Test func `Forty activities run at the same time, each once`() async throws {
        let allBegan = Gate(count: 40)
        let squared = Calls<Int>()
        let environment = try TestEnvironment {
            FanOutSum.self
            Numbers.square.implement { number in
                squared.add(number)
                allBegan.open()
                await allBegan.wait()
                return number * number
            }
        }
        let sum = try await environment.start(FanOutSum.self, id: "sum", .init(count: 40))
        #expect(try await sum.result() == 22_140)
        #expect(squared.all.sorted() == Array(1...40))
    }

    @Test func `The order in which results come changes nothing`() async throws {
        let gates = (0...40).map { _ in Gate() }
        let finished = Calls<Int>()
        let environment = try TestEnvironment {
            FanOutSum.self
            // Each waits for its successor, so that the last to be started is the first to end.
            Numbers.square.implement { number in
                await gates[number].wait()
                finished.add(number)
                defer { gates[number - 1].open() }
                return number * number
            }
        }
        let sum = try await environment.start(FanOutSum.self, id: "sum", .init(count: 40))
        gates[40].open()
        #expect(try await sum.result() == 22_140)
        #expect(finished.all == (1...40).reversed())
        #expect(try await environment.variables(of: FanOutSum.self, id: "sum").value("summed") == 40)
    }

    @Test func `A branch goes on to its second step while another is in its first`() async throws {
        let firstIsDoubled = Gate()
        let environment = try TestEnvironment {
            FanOutInSteps.self
            Numbers.square.implement { number in
                if number == 40 { await firstIsDoubled.wait() }
                return number * number
            }
            Numbers.double.implement { number in
                if number == 1 { firstIsDoubled.open() }
                return number * 2
            }
        }
        let sum = try await environment.start(FanOutInSteps.self, id: "sum", .init(count: 40))
        #expect(try await sum.result() == 44_280)
    }

    @Test func `A branch that throws ends the run, and nobody waits for the others`() async throws {
        let testEnded = Gate()
        let environment = try TestEnvironment {
            FanOutInSteps.self
            Numbers.square.implement { number in
                if number == 13 { throw Unlucky(number: number) }
                await testEnded.wait()
                return number * number
            }
            Numbers.double.implement { $0 * 2 }
        }
        let sum = try await environment.start(FanOutInSteps.self, id: "sum", .init(count: 40))
        let failure = try await #require(throws: WorkflowFailure.self) { try await sum.result() }
        testEnded.open()
        let cause = try #require(failure.details(as: ActivityFailure.self))
        #expect(cause.activity == "numbers.square")
        #expect(cause.details(as: Unlucky.self) == Unlucky(number: 13))
    }

    private struct Unlucky: Error, Codable, Equatable {
        var number: Int
    }
}

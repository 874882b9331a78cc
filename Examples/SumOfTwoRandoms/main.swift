import Logging
import Reprise

let backend = InMemoryBackend()
let worker = try Worker(backend: backend, logger: Logger(label: "sum-of-two-randoms")) {
    SumOfTwoRandoms.self
    Dice.throwOne.implement { Int.random(in: 1...6) }
}
let working = Task { try await worker.run() }

let sum = try await WorkflowClient(backend: backend).start(SumOfTwoRandoms.self, id: "sum-1")
let output = try await sum.result()
print("\(output.one) + \(output.two) = \(output.sum)")

working.cancel()

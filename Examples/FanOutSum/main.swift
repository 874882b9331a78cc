import Logging
import Reprise

let backend = InMemoryBackend()
let worker = try Worker(backend: backend, logger: Logger(label: "fan-out-sum")) {
    FanOutSum.self
    FanOutInSteps.self
    Numbers.square.implement { $0 * $0 }
    Numbers.double.implement { $0 * 2 }
}
let working = Task { try await worker.run() }

let client = WorkflowClient(backend: backend)
let sum = try await client.start(FanOutSum.self, id: "sum-1", FanOutSum.Input(count: 40))
print("1² + 2² + … + 40² = \(try await sum.result())")

let doubled = try await client.start(FanOutInSteps.self, id: "doubled-1", FanOutInSteps.Input(count: 40))
print("2·1² + 2·2² + … + 2·40² = \(try await doubled.result())")

working.cancel()

import Foundation
import Reprise
import RepriseRedis
import Testing

private enum Work {
    static let square = Activity<Int, Int>("square")
    static let flaky = Activity<Int, Int>("flaky", retry: .fixed(.milliseconds(5), attempts: 3))
    static let slow = Activity<Int, Int>("slow", heartbeat: .seconds(20))
    static let later = Activity<Int, Int>("later")
    static let large = Activity<[UInt8], [UInt8]>("large")
}

/// A fan-out that one script can't carry out.
private final class Fan: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int {
        try await context.map(0..<input) { try await context.execute(Work.square, $0) }.count
    }
}

/// All sorts of things, one after the other, and children, and then once more as a new run.
private final class Everything: Workflow {
    struct Input: Codable, Sendable { var round = 0; var total = 0 }
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        var total = input.total
        total += try await context.execute(Work.flaky, 1)
        total += try await context.execute(Work.slow, 1)
        total += try await context.execute(Work.later, 1)
        total += try await context.executeLocally(Work.square, 1)
        try await context.sleep(for: .milliseconds(20))
        _ = try context.sideEffect { 1 }
        total += try await context.execute(Work.large, [UInt8](repeating: 1, count: 200_000)).count / 200_000
        total += try await context.map(0..<3) { try await context.executeChild(Fan.self, $0 + 1) }.reduce(0, +)
        guard input.round > 0 else { throw continueAsNew(with: .init(round: 1, total: total)) }
        return total
    }
}

private final class Waiting: Workflow {
    static let go = Signal<Waiting, Int>("go")
    func run(_ context: WorkflowContext) async throws -> Int { try await context.receive(Self.go) }
}

@Suite struct MemoryLimitTests {
    @Test func `Workers and clients finish what was started before Redis was full, and nothing is blocked`()
        async throws
    {
        try await OwnRedis.with(["--maxmemory-policy", "noeviction"]) { own in
            let fan = try await own.client.start(Fan.self, id: "fan", 1200)
            let everything = try await own.client.start(Everything.self, id: "everything", .init())
            let waiting = try await own.client.start(Waiting.self, id: "waiting")
            let paused = try await own.client.start(Fan.self, id: "paused", 1)
            let (cancelled, terminated) = (
                try await own.client.start(Waiting.self, id: "cancelled"),
                try await own.client.start(Waiting.self, id: "terminated")
            )
            try await own.setMaxmemory(1)

            let (tokens, told) = AsyncStream<ActivityToken>.makeStream()
            let flaky = Gauge()
            try await own.site.withWorker(WorkerOptions(turnRetry: .none)) {
                Fan.self
                Everything.self
                Waiting.self
                Work.square.implement { $0 * $0 }
                Work.flaky.implement { value in
                    if flaky.enter() < 3 { throw RetryActivity(after: .milliseconds(1)) }
                    return value
                }
                Work.slow.implement { value, context in
                    try context.heartbeat("half")
                    return value
                }
                Work.later.implement { _, context in
                    told.yield(context.completionToken)
                    try context.completeLater()
                }
                Work.large.implement { $0 }
            } during: {
                try await paused.pause()
                try await cancelled.cancel(reason: "full")
                try await terminated.terminate(reason: "full")
                let answering = Task {
                    for await token in tokens { try await own.client.complete(Work.later, token, with: 1) }
                }
                #expect(try await fan.result(timeout: .patience) == 1200)
                #expect(try await everything.result(timeout: .patience) == 22)
                await #expect(throws: WorkflowFailure.self) { try await cancelled.result(timeout: .patience) }
                await #expect(throws: WorkflowFailure.self) { try await terminated.result(timeout: .patience) }
                try await paused.resume()
                #expect(try await paused.result(timeout: .patience) == 1)
                answering.cancel()

                let start = await #expect(throws: BackendError.self) {
                    try await own.client.start(Fan.self, id: "refused", 1)
                }
                #expect(start?.code == .outOfMemory)
                #expect(start?.message.contains("maxmemory") == true)
                let signal = await #expect(throws: BackendError.self) { try await waiting.signal(Waiting.go, 1) }
                #expect(signal?.code == .outOfMemory)
                #expect(try await waiting.describe().turnFailures == 0)

                try await own.setMaxmemory(0)
                try await waiting.signal(Waiting.go, 2)
                #expect(try await waiting.result(timeout: .patience) == 2)
            }
        }
    }
}

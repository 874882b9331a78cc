import Foundation
import Reprise
import Testing

private enum Steps {
    static let slow = Activity<String, String>("slow")
    static let square = Activity<Int, Int>("square")
}

private final class Deciding: Workflow {
    static let decided = Signal<Deciding, String>("decided")

    func run(_ context: WorkflowContext) async throws -> String {
        try await context.race(
            { try await context.receive(Self.decided) },
            { try await context.execute(Steps.slow, "slow") },
            {
                try await context.sleep(for: .days(3))
                return "expired"
            })
    }
}

private final class Bounded: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        do {
            return try await context.withTimeout(.milliseconds(50)) { try await context.execute(Steps.slow, "slow") }
        } catch is TimedOut {
            return "gave up"
        }
    }
}

private final class Squares: Workflow {
    struct Input: Codable, Sendable { var count: Int; var width: Int }
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        let squares = try await context.map(0..<input.count, maxConcurrent: input.width) {
            try await context.execute(Steps.square, $0)
        }
        guard squares == (0..<input.count).map({ $0 * $0 }) else { return -1 }
        return squares.reduce(0, +)
    }
}

@Suite struct ControlFlowTests {
    @Test(arguments: BackendKind.allCases)
    func `A race is decided by the first, and nothing of the losers stays behind`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Deciding.self
            } during: {
                let handle = try await site.client.start(Deciding.self, id: "x")
                try await handle.wait(until: { $0.state == .idle }, timeout: .patience)
                try await handle.signal(Deciding.decided, "yes")
                #expect(try await handle.result(timeout: .patience) == "yes")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `What takes too long is given up by the workflow`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Bounded.self
            } during: {
                let handle = try await site.client.start(Bounded.self, id: "x")
                #expect(try await handle.result(timeout: .patience) == "gave up")
            }
        }
    }

    @Test(arguments: BackendKind.allCases, [64, Int.max])
    func `Ten thousand activities, with a window and all at once, come back in order`(
        _ kind: BackendKind, _ width: Int
    ) async throws {
        try await Site.with(kind) { site in
            let gauge = Gauge()
            try await site.withWorker {
                Squares.self
                Steps.square.implement { value in
                    gauge.enter()
                    return value * value
                }
            } during: {
                let handle = try await site.client.start(Squares.self, id: "x", .init(count: 10_000, width: width))
                let expected = (0..<10_000).reduce(0) { $0 + $1 * $1 }
                #expect(try await handle.result(timeout: .seconds(120)) == expected)
                #expect(gauge.total == 10_000)
            }
        }
    }
}

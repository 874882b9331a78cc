import Foundation
import Reprise
import Testing

private let square = Activity<Int, Int>("square")

private final class Squares: Workflow {
    struct Input: Codable, Sendable { var count: Int; var width: Int }
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        let squares = try await context.map(0..<input.count, maxConcurrent: input.width) {
            try await context.execute(square, $0)
        }
        guard squares == (0..<input.count).map({ $0 * $0 }) else { return -1 }
        return squares.reduce(0, +)
    }
}

private final class Piece: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(square, input) }
}

private final class Whole: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int {
        try await context.map(0..<input) { try await context.executeChild(Piece.self, $0) }.reduce(0, +)
    }
}

/// They need the machine: `./dev test` runs them apart from the rest.
@Suite(.serialized) struct FanOutTests {
    @Test(arguments: BackendKind.allCases, [64, Int.max])
    func `Ten thousand activities, with a window and all at once, come back in order`(
        _ kind: BackendKind, _ width: Int
    ) async throws {
        try await Site.with(kind) { site in
            let gauge = Gauge()
            try await site.withWorker {
                Squares.self
                square.implement { value in
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

    @Test(arguments: BackendKind.allCases)
    func `A thousand children come back to their parent`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Whole.self
                Piece.self
                square.implement { $0 * $0 }
            } during: {
                let handle = try await site.client.start(Whole.self, id: "x", 1000)
                let expected = (0..<1000).reduce(0) { $0 + $1 * $1 }
                #expect(try await handle.result(timeout: .seconds(60)) == expected)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A terminated parent takes a thousand open children with it`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            // Nobody serves the activity: the children wait for it.
            try await site.withWorker {
                Whole.self
                Piece.self
            } during: {
                let handle = try await site.client.start(Whole.self, id: "x", 1000)
                let children = (0..<1000).map { "x/\(handle.run.number)/\($0)" }
                for id in [children[0], children[999]] {
                    try await site.until(id) { try await site.client.describe(id: id).state == .idle }
                }
                try await handle.terminate(reason: "enough")
                for id in children {
                    let child = try await site.client.handle(Piece.self, id: id)
                    #expect(try await child.wait(until: \.state.isClosed, timeout: .seconds(60)).state == .terminated)
                }
            }
        }
    }
}

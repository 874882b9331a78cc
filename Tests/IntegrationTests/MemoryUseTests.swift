import CSanitizers
import Foundation
import RedisClient
import Reprise
import RepriseRedis
import Testing

private let add = Activity<Adding.Input, Int>("add")

private final class Adding: Workflow {
    struct Input: Codable, Sendable { var one: Int; var other: Int }
    private let input: Input
    init(input: Input) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int { try await context.execute(add, input) }
}

private final class Sleeping: Workflow {
    func run(_ context: WorkflowContext) async throws { try await context.sleep(for: .days(1)) }
}

/// What runs cost in Redis, with the real engine. They need the machine: `./dev test` runs them apart from the rest.
@Suite(.serialized) struct MemoryUseTests {
    private static let settings: [(String, [String])] = [
        ("default", [String]()), ("stream-node-max-bytes 512", ["--stream-node-max-bytes", "512"]),
    ]

    /// What each of so many runs adds to Redis, in bytes.
    private func use(of count: Int, _ own: OwnRedis, _ run: (Int) async throws -> Void) async throws -> Int {
        let before = try await own.memory()
        try await run(count)
        return (try await own.memory() - before) / count
    }

    @Test(arguments: settings) func `A finished run of one activity takes less than 2 kB`(
        _ name: String, _ options: [String]
    ) async throws {
        try await OwnRedis.with(options, retention: .unlimited) { own in
            try await own.site.withWorker {
                Adding.self
                add.implement { $0.one + $0.other }
            } during: {
                // The first brings the scripts and the connections.
                _ = try await own.client.start(Adding.self, id: "warm", .init(one: 1, other: 2)).result()
                let count = isSanitized() ? 1000 : 10_000
                let bytes = try await use(of: count, own) { count in
                    try await own.startMany(count) { id in
                        try await own.client.start(Adding.self, id: id, .init(one: 1, other: 2))
                    }
                    try await own.site.until("all have ended", within: .seconds(120)) {
                        try await own.count("open") == 0
                    }
                }
                print("bytes of a finished run of one activity, \(name):", bytes)
                #expect(bytes < 2048)
                // What the retention counts is about what it takes.
                let counted = try await own.redis.send(["HGET", "{own:0}:meta", "kept"]).asString
                print("counted for its retention:", (Int(counted) ?? 0) / (count + 1))
            }
        }
    }

    @Test(arguments: settings) func `A run that sleeps`(_ name: String, _ options: [String]) async throws {
        try await OwnRedis.with(options, retention: .unlimited) { own in
            try await own.site.withWorker {
                Sleeping.self
            } during: {
                let bytes = try await use(of: 5000, own) { count in
                    try await own.startMany(count) { id in try await own.client.start(Sleeping.self, id: id) }
                    try await own.site.until("all sleep") { try await own.count("timers") == count }
                }
                print("bytes of a run that sleeps, \(name):", bytes)
                // Two streams' first nodes of 4 kB would be too much.
                #expect(bytes < 6000)
            }
        }
    }
}

extension OwnRedis {
    /// Starts runs, some at the same time.
    fileprivate func startMany<Handle>(_ count: Int, _ start: @escaping @Sendable (String) async throws -> Handle)
        async throws
    {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask {
                    for index in stride(from: task, to: count, by: 16) { _ = try await start("subscription-\(index)") }
                }
            }
            try await group.waitForAll()
        }
    }
}

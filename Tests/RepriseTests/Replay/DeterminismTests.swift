import Foundation
import ReplaySupport
import Testing

@testable import Reprise

/// The order in which the engine resumes workflow code is part of what a stored history means.
@Suite struct DeterminismTests {
    @Test func `A thousand shuffled runs replay against their own histories, and do what they did in earlier builds`()
        async throws
    {
        let digests = try await onThread { try Determinism.digests(runs: Determinism.runs) }
        #expect(
            digests == Determinism.committedDigests, "the order of execution changed: stored histories would diverge")
    }

    /// Seconds of work, on a thread of its own: on the pool it would hold up the leases and deadlines of other tests.
    private func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }

    @Test func `Five processes do the same`() async throws {
        let executable = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
            path: "replay-digest")
        let runs = 100
        let outputs = try await onThread {
            try (1...5).map { _ in
                let process = Process()
                let output = Pipe()
                process.executableURL = executable
                process.arguments = ["\(runs)"]
                process.standardOutput = output
                try process.run()
                let data = try output.fileHandleForReading.readToEnd() ?? Data()
                process.waitUntilExit()
                return String(decoding: data, as: UTF8.self)
            }
        }
        let expected = "\(try await onThread { try Determinism.digests(runs: runs) })\n"
        #expect(outputs == Array(repeating: expected, count: 5))
    }

    @Test func `A cold replay of every prefix decides what the cached run decided`() async throws {
        try await onThread {
            for seed in 1...50 as ClosedRange<UInt64> {
                replayPrefixes(of: try Determinism.richRun(seed: seed), seed)
                replayPrefixes(of: try Determinism.controlRun(seed: seed), seed)
            }
        }
    }

    private func replayPrefixes<Target>(of cached: ScriptedRun<Target>, _ seed: UInt64) {
        for end in cached.history.indices where !cached.history[end].isArrival {
            let engine = ScriptedRun<Target>.makeEngine(cached.codec, cached.logger)
            engine.replay(Array(cached.history[...end]), committedThrough: 0)
            #expect(engine.failure == nil, "\(Target.self), seed \(seed), entry \(end + 1)")
            engine.evict()
        }
    }
}

import CSanitizers
import Foundation
import Reprise
import RepriseRedis
import Synchronization
import Testing

private let hang = Activity<Int, Int>("hang")

/// Begins an activity again and again, and cancels it at a signal.
private final class Fickle: Workflow {
    static let stop = Signal<Fickle, Int>("stop")
    private let input: Int
    init(input: Int) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        for index in 0..<input {
            let stopped = try await context.race(
                { try await context.receive(Self.stop) }, { try await context.execute(hang, index) })
            guard stopped == index else { return -1 }
        }
        return input
    }
}

/// Ends without waiting for its activity.
private final class Hasty: Workflow {
    static let end = Signal<Hasty, Int>("end")

    func run(_ context: WorkflowContext) async throws -> Int {
        _ = context.start(hang, 0)
        return try await context.receive(Self.end)
    }
}

/// What a hanging activity sees.
private enum Event: Sendable {
    case began(Int)
    case cancelled(Int, at: ContinuousClock.Instant, CancellationReason?)
}

@Suite(.serialized) struct ActivityCancellationTests {
    /// In memory there is no way that takes time; on Redis the two workers have connections of their own.
    @Test(arguments: BackendKind.allCases)
    func `A running activity hears of its cancellation within milliseconds, without heartbeats`(_ kind: BackendKind)
        async throws
    {
        // Of everything: the signal, the turn, the word to the other worker. A busy machine gets another chance.
        let limit: Duration = .milliseconds(isSanitized() ? 1000 : 50)
        var p99: Duration = .seconds(60)
        for _ in 0..<3 where p99 >= limit {
            try await Site.with(kind) { site in
                try await site.withSecond { second in
                    let latencies = try await latencies(of: 100, site, second).sorted()
                    p99 = latencies[98]
                }
            }
        }
        #expect(p99 < limit)
    }

    private func latencies(of count: Int, _ site: Site, _ second: Site) async throws -> [Duration] {
        let (events, report) = AsyncStream<Event>.makeStream()
        return try await site.withWorker {
            Fickle.self
        } during: {
            // A lease is longer than the test: its renewals tell nothing.
            try await second.withWorker(WorkerOptions(lease: .seconds(120))) {
                hanging(report)
            } during: {
                let handle = try await site.client.start(Fickle.self, id: "fickle", count)
                var sent = ContinuousClock.now
                var latencies: [Duration] = []
                for await event in events {
                    switch event {
                    case .began(let index):
                        sent = .now
                        try await handle.signal(Fickle.stop, index)
                    case .cancelled(_, let time, let reason):
                        try #require(reason == .requested)
                        latencies.append(time - sent)
                    }
                    if latencies.count == count { break }
                }
                #expect(try await handle.result(timeout: .patience) == count)
                return latencies
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity that outlives its run is told so`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let (events, report) = AsyncStream<Event>.makeStream()
            try await site.withWorker(WorkerOptions(lease: .seconds(120))) {
                Hasty.self
                hanging(report)
            } during: {
                let handle = try await site.client.start(Hasty.self, id: "hasty")
                for await event in events {
                    switch event {
                    case .began: try await handle.signal(Hasty.end, 5)
                    case .cancelled(_, _, let reason):
                        #expect(reason == .runClosed)
                        report.finish()
                    }
                }
                #expect(try await handle.result(timeout: .patience) == 5)
            }
        }
    }

    private func hanging(_ report: AsyncStream<Event>.Continuation) -> ActivityRegistration {
        hang.implement { index, context in
            await withTaskCancellationHandler {
                report.yield(.began(index))
                try? await Task.sleep(for: .patience)
                if !Task.isCancelled { report.yield(.cancelled(index, at: .now, nil)) }
            } onCancel: {
                report.yield(.cancelled(index, at: .now, context.cancellationReason))
            }
            return -2  // must not count
        }
    }
}

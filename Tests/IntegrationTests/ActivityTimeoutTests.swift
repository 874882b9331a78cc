import Foundation
import Reprise
import Testing

private enum Work {
    static let slow = Activity<Void, Int>("slow", timeout: .milliseconds(100))
    static let unwanted = Activity<Void, Int>("unwanted", scheduleToStart: .milliseconds(100))
    static let hopeless = Activity<Void, Int>(
        "hopeless", retry: .fixed(.milliseconds(50)), scheduleToClose: .seconds(1))
    static let silent = Activity<Void, Int>("silent", heartbeat: .milliseconds(100))
    static let lively = Activity<Void, Int>("lively", heartbeat: .seconds(1))
}

private struct Declined: Error, Codable, Equatable { var code: Int }

/// Tells which timeout passed, and what was the failure before.
private final class Calling: Workflow {
    struct Input: Codable, Sendable {
        var name: String
        var queue: String?
    }

    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> String {
        let all = [Work.slow, Work.unwanted, Work.hopeless, Work.silent, Work.lively]
        let activity = all.first { $0.name == input.name }!
        do {
            return "\(try await context.execute(activity, options: .init(queue: input.queue)))"
        } catch let failure as ActivityFailure {
            let cause = failure.cause.map { ", last: \($0.details(as: Declined.self)?.code ?? 0)" } ?? ""
            return "\(failure.timeout?.description ?? failure.type)\(cause)"
        }
    }
}

@Suite struct ActivityTimeoutTests {
    @Test(arguments: BackendKind.allCases)
    func `An attempt that takes too long is cancelled and named`(_ kind: BackendKind) async throws {
        let reasons = Recorder<CancellationReason?>()
        let result = try await result(kind, .init(name: "slow")) {
            Work.slow.implement { context in
                try await untilCancelled()
                reasons.add(context.cancellationReason)
                throw CancellationError()
            }
        }
        #expect(result == "StartToCloseTimeout")
        #expect(reasons.all == [.timedOut])
    }

    @Test(arguments: BackendKind.allCases, ["slow", "silent"])
    func `A timeout is recorded at once, though the attempt doesn't stop and its worker has no room`(
        _ kind: BackendKind, _ name: String
    ) async throws {
        try await Site.with(kind) { site in
            let gate = Gate()
            var options = WorkerOptions()
            options.maxConcurrentActivities = 1
            try await site.withWorker(options) {
                for activity in [Work.slow, Work.silent] {
                    activity.implement { () async -> Int in
                        await gate.wait()
                        return 1
                    }
                }
            } during: {
                try await site.withWorker {
                    Calling.self
                } during: {
                    let start = ContinuousClock.now
                    let calling = try await site.client.start(Calling.self, id: "call", .init(name: name))
                    let expected = name == "slow" ? "StartToCloseTimeout" : "HeartbeatTimeout"
                    #expect(try await calling.result(timeout: .patience) == expected)
                    // The next renewal comes after ten seconds.
                    #expect(ContinuousClock.now - start < .seconds(5))
                    gate.open()
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity that no worker takes is named`(_ kind: BackendKind) async throws {
        #expect(try await result(kind, .init(name: "unwanted", queue: "nobody's")) {} == "ScheduleToStartTimeout")
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity whose retries take too long is named, with its last failure`(_ kind: BackendKind) async throws {
        let result = try await result(kind, .init(name: "hopeless")) {
            Work.hopeless.implement { () throws -> Int in throw Declined(code: 7) }
        }
        #expect(result == "ScheduleToCloseTimeout, last: 7")
    }

    @Test(arguments: BackendKind.allCases)
    func `An attempt without heartbeats is cancelled and named`(_ kind: BackendKind) async throws {
        let reasons = Recorder<CancellationReason?>()
        let result = try await result(kind, .init(name: "silent")) {
            Work.silent.implement { context in
                try await untilCancelled()
                reasons.add(context.cancellationReason)
                throw CancellationError()
            }
        }
        #expect(result == "HeartbeatTimeout")
        #expect(reasons.all == [.timedOut])
    }

    @Test(arguments: BackendKind.allCases)
    func `An attempt with heartbeats goes on beyond its heartbeat timeout`(_ kind: BackendKind) async throws {
        let result = try await result(kind, .init(name: "lively")) {
            Work.lively.implement { context in
                let end = ContinuousClock.now + .seconds(2)
                while ContinuousClock.now < end {
                    try context.heartbeat()
                    try await Task.sleep(for: .milliseconds(20))
                }
                return context.attempt
            }
        }
        #expect(result == "1")
    }

    private func result(
        _ kind: BackendKind, _ input: Calling.Input, @ActivityBuilder _ activities: () -> [ActivityRegistration]
    ) async throws -> String {
        let activities = activities()
        var result = ""
        try await Site.with(kind) { site in
            result = try await site.withWorker {
                Calling.self
                activities
            } during: {
                try await site.client.start(Calling.self, id: "call", input).result(timeout: .patience)
            }
        }
        return result
    }
}

/// Sleeps until the task is cancelled.
func untilCancelled() async throws {
    try? await Task.sleep(for: .patience)
    guard Task.isCancelled else { throw NeverCancelled() }
}

struct NeverCancelled: Error {}

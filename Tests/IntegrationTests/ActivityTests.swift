import Foundation
import Reprise
import Testing

private enum Work {
    static let double = Activity<Int, Int>("double")
    static let flaky = Activity<Int, Int>(
        "flaky", retry: .exponential(initial: .milliseconds(10), multiplier: 2, maximum: .milliseconds(40), attempts: 4)
    )
    static let hang = Activity<Int, Int>("hang", timeout: .milliseconds(100))
    static let elsewhere = Activity<Void, String>("elsewhere")
    /// Has attempts left, and no use for them.
    static let strict = Activity<Int, Int>(
        "strict", retry: .fixed(.milliseconds(1), attempts: 5, nonRetryable: ["Declined"]))
    /// What another build believes of `flaky`.
    static let retyped = Activity<[String: Int], Int>("flaky")
}

private struct Declined: Error, Codable, Equatable { var code: Int }

private final class Doubling: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int {
        let one = context.start(Work.double, input)
        let two = context.start(Work.double, input + 1)
        return try await one.value + two.value
    }
}

private final class Trying: Workflow {
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> String {
        do { return "\(try await context.execute(Work.flaky, input))" } catch let failure as ActivityFailure {
            return "\(failure.type) \(failure.attempts) \(failure.details(as: Declined.self)?.code ?? -1)"
        }
    }
}

private final class Strict: Workflow {
    func run(_ context: WorkflowContext) async throws -> [Int] {
        var attempts: [Int] = []
        for input in [1, 2] {
            do { try await context.execute(Work.strict, input) } catch let failure as ActivityFailure {
                attempts.append(failure.attempts)
            }
        }
        return attempts
    }
}

private final class Hanging: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        do { return "\(try await context.execute(Work.hang, 1))" } catch let failure as ActivityFailure {
            return "timeout \(failure.timeout == .startToClose) after \(failure.attempts)"
        }
    }
}

private final class Routing: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        try await context.execute(Work.elsewhere, options: .init(queue: "other"))
    }
}

@Suite struct ActivityTests {
    @Test(arguments: BackendKind.allCases)
    func `A worker of workflows and a worker of activities serve one run together`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Doubling.self
            } during: {
                try await site.withWorker {
                    Work.double.implement { $0 * 2 }
                } during: {
                    let handle = try await site.client.start(Doubling.self, id: "one", 20)
                    #expect(try await handle.result(timeout: .patience) == 82)
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity that throws is tried again by its policy, and its failure is typed`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            let attempts = Gauge()
            try await site.withWorker {
                Trying.self
                Work.flaky.implement { input, context in
                    attempts.enter()
                    guard context.attempt == input else { throw Declined(code: context.attempt) }
                    return context.attempt
                }
            } during: {
                let third = try await site.client.start(Trying.self, id: "third", 3)
                #expect(try await third.result(timeout: .patience) == "3")
                #expect(attempts.total == 3)
                let never = try await site.client.start(Trying.self, id: "never", 9)
                #expect(try await never.result(timeout: .patience) == "Declined 4 4")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `RetryActivity runs again whatever the policy says, and counts no attempt`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Doubling.self
                Work.double.implement { input, context in
                    if context.deliveries < 4 { throw RetryActivity(after: .milliseconds(5)) }
                    #expect(context.attempt == 1)
                    return input * 2
                }
            } during: {
                let handle = try await site.client.start(Doubling.self, id: "again", 1)
                #expect(try await handle.result(timeout: .patience) == 6)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An input that the activity's worker can't decode is a failure that names it, and is not tried again`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Trying.self
                Work.retyped.implement { _ in 1 }
            } during: {
                let handle = try await site.client.start(Trying.self, id: "retyped", 3)
                #expect(try await handle.result(timeout: .patience) == "PayloadError 1 -1")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity that throws CancellationError unasked has failed, like with any error`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Trying.self
                Work.flaky.implement { _ in throw CancellationError() }
            } during: {
                let handle = try await site.client.start(Trying.self, id: "unasked", 3)
                #expect(try await handle.result(timeout: .patience) == "CancellationError 4 -1")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An error of a type that the policy names is final, and others are tried again`(_ kind: BackendKind)
        async throws
    {
        struct Busy: Error {}
        try await Site.with(kind) { site in
            try await site.withWorker {
                Strict.self
                Work.strict.implement { input in
                    if input == 1 { throw Declined(code: 1) }
                    throw Busy()
                }
            } during: {
                let handle = try await site.client.start(Strict.self, id: "strict")
                #expect(try await handle.result(timeout: .patience) == [1, 5])
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A start-to-close timeout is enforced although the worker's code hangs`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let release = Gate()
            try await site.withWorker {
                Hanging.self
                Work.hang.implement { input in
                    // Deaf to cancellation.
                    await release.wait()
                    return input
                }
            } during: {
                let handle = try await site.client.start(Hanging.self, id: "hang")
                #expect(try await handle.result(timeout: .patience) == "timeout true after 1")
                release.open()
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An activity goes to the queue that the call names`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Routing.self
                Work.elsewhere.implement { "wrong queue" }
            } during: {
                try await site.withWorker(queue: "other") {
                    Work.elsewhere.implement { (context: ActivityContext) in context.queue }
                } during: {
                    let handle = try await site.client.start(Routing.self, id: "route")
                    #expect(try await handle.result(timeout: .patience) == "other")
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `The idempotency key is one for all attempts of a call, and another for every other call`(
        _ kind: BackendKind
    ) async throws {
        try await Site.with(kind) { site in
            let keys = Recorder<String>()
            try await site.withWorker {
                Doubling.self
                Work.double.implement { input, context in
                    keys.add(context.idempotencyKey)
                    if context.deliveries == 1 { throw RetryActivity(after: .milliseconds(1)) }
                    return input
                }
            } during: {
                let one = try await site.client.start(Doubling.self, id: "one", 1)
                _ = try await one.result(timeout: .patience)
                let two = try await site.client.start(Doubling.self, id: "two", 1)
                _ = try await two.result(timeout: .patience)
            }
            #expect(keys.all.count == 8)
            #expect(Set(keys.all).count == 4)
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A worker runs no more activities at once than it was told`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let running = Gauge()
            let three = Gate()
            try await site.withWorker(WorkerOptions(maxConcurrentActivities: 3)) {
                FanOut.self
                FanOut.step.implement { input in
                    // None ends before three run at once.
                    if running.enter() == 3 { three.open() }
                    await three.wait()
                    running.leave()
                    return input
                }
            } during: {
                let handle = try await site.client.start(FanOut.self, id: "fan", 40)
                #expect(try await handle.result(timeout: .patience) == (0..<40).reduce(0, +))
            }
            #expect(running.highest == 3)
        }
    }
}

final class FanOut: Workflow {
    static let step = Activity<Int, Int>("step")
    private let input: Int
    init(input: Int) { self.input = input }
    func run(_ context: WorkflowContext) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<input { group.addTask { try await context.execute(Self.step, index) } }
            return try await group.reduce(0, +)
        }
    }
}

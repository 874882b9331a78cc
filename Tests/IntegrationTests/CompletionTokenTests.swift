import Foundation
import Reprise
import Testing

private enum Work {
    static let charge = Activity<Int, String>("charge", retry: .fixed(.milliseconds(1), attempts: 2))
    static let notify = Activity<Void, Void>("notify")
    static let short = Activity<Int, String>("short", timeout: .milliseconds(100))
    static let quick = Activity<Int, Int>("quick")
}

private struct Declined: Error, Codable, Equatable { var code: Int }

private final class Paying: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        let charge = context.start(Work.charge, 1)
        let quick = try await context.execute(Work.quick, 1)
        return try await charge.value + "\(quick)"
    }
}

private final class Notifying: Workflow {
    func run(_ context: WorkflowContext) async throws { try await context.execute(Work.notify) }
}

private final class Hurried: Workflow {
    func run(_ context: WorkflowContext) async throws -> String {
        do { return try await context.execute(Work.short, 1) } catch let failure as ActivityFailure {
            return "\(failure.type)"
        }
    }
}

@Suite struct CompletionTokenTests {
    @Test(arguments: BackendKind.allCases)
    func `An activity is completed from outside, and its worker does other work meanwhile`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            let (texts, tokens) = AsyncStream<String>.makeStream()
            let other = Gate()
            // With one slot, the other activity shows that it is free.
            try await site.withWorker(WorkerOptions(maxConcurrentActivities: 1)) {
                Paying.self
                Work.charge.implement { _, context in
                    tokens.yield(context.completionToken.description)
                    try context.completeLater()
                }
                Work.quick.implement { input in
                    other.open()
                    return input
                }
            } during: {
                let handle = try await site.client.start(Paying.self, id: "pay")
                let token = try ActivityToken(try #require(await texts.first { _ in true }))
                #expect(token.run == handle.run)
                await other.wait()
                try await site.client.heartbeat(token, 1)
                try await site.client.complete(Work.charge, token, with: "receipt ")
                #expect(try await handle.result(timeout: .patience) == "receipt 1")
                for call in [
                    { try await site.client.complete(Work.charge, token, with: "again ") },
                    { try await site.client.fail(token, with: Declined(code: 1)) },
                    { try await site.client.heartbeat(token) },
                ] as [() async throws -> Void] {
                    await #expect(throws: ActivityTokenExpired.self) { try await call() }
                }
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `An answer that comes before the worker has let go is the result`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            try await site.withWorker {
                Notifying.self
                Work.notify.implement { context in
                    try await site.client.complete(Work.notify, context.completionToken)
                    try context.completeLater()
                }
            } during: {
                let handle = try await site.client.start(Notifying.self, id: "notify")
                try await handle.result(timeout: .patience)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A failure from outside is retried by the policy, with the details of the last heartbeat`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            let (tokens, yield) = AsyncStream<ActivityToken>.makeStream()
            try await site.withWorker {
                Paying.self
                Work.charge.implement { _, context in
                    if let details = try context.heartbeatDetails(as: String.self) {
                        return "\(details) \(context.attempt) "
                    }
                    yield.yield(context.completionToken)
                    try context.completeLater()
                }
                Work.quick.implement { $0 }
            } during: {
                let handle = try await site.client.start(Paying.self, id: "pay")
                let token = try #require(await tokens.first { _ in true })
                try await site.client.heartbeat(token, "seen")
                try await site.client.fail(token, with: Declined(code: 1))
                #expect(try await handle.result(timeout: .patience) == "seen 2 1")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `What asks from outside to run again runs again, and the attempt isn't counted`(_ kind: BackendKind)
        async throws
    {
        try await Site.with(kind) { site in
            let (tokens, yield) = AsyncStream<ActivityToken>.makeStream()
            try await site.withWorker {
                Paying.self
                Work.charge.implement { _, context in
                    if context.deliveries > 1 { return "\(context.deliveries) \(context.attempt) " }
                    yield.yield(context.completionToken)
                    try context.completeLater()
                }
                Work.quick.implement { $0 }
            } during: {
                let handle = try await site.client.start(Paying.self, id: "pay")
                let token = try #require(await tokens.first { _ in true })
                try await site.client.fail(token, with: RetryActivity(after: .milliseconds(1), reason: "not ready"))
                #expect(try await handle.result(timeout: .patience) == "2 1 1")
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `A failure from outside is typed, and final if it says so`(_ kind: BackendKind) async throws {
        struct Refused: RetryAdvising, Codable {
            var code: Int
            var retryAdvice: RetryAdvice { .never }
        }
        try await Site.with(kind) { site in
            let (tokens, yield) = AsyncStream<ActivityToken>.makeStream()
            try await site.withWorker {
                Paying.self
                Work.charge.implement { _, context in
                    yield.yield(context.completionToken)
                    try context.completeLater()
                }
                Work.quick.implement { $0 }
            } during: {
                let handle = try await site.client.start(Paying.self, id: "pay")
                try await site.client.fail(try #require(await tokens.first { _ in true }), with: Refused(code: 5))
                // Two claims of the worker were under way side by side: what neither of them took must not lie until it
                // looks again by itself, after five seconds.
                let failure = try await #require(throws: WorkflowFailure.self) {
                    try await handle.result(timeout: .seconds(4))
                }
                #expect(failure.details(as: ActivityFailure.self)?.activity == "charge")
                #expect(failure.cause?.details(as: Refused.self)?.code == 5)
                #expect(failure.cause?.attempts == 1)
            }
        }
    }

    @Test(arguments: BackendKind.allCases)
    func `Its timeouts hold for one that is left to others, too`(_ kind: BackendKind) async throws {
        try await Site.with(kind) { site in
            let (tokens, yield) = AsyncStream<ActivityToken>.makeStream()
            try await site.withWorker {
                Hurried.self
                Work.short.implement { _, context in
                    yield.yield(context.completionToken)
                    try context.completeLater()
                }
            } during: {
                let handle = try await site.client.start(Hurried.self, id: "short")
                #expect(try await handle.result(timeout: .patience) == "StartToCloseTimeout")
                let token = try #require(await tokens.first { _ in true })
                await #expect(throws: ActivityTokenExpired.self) {
                    try await site.client.complete(Work.short, token, with: "late")
                }
            }
        }
    }
}

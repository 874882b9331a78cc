import Foundation
import Logging
import Testing

@testable import Reprise

private let work = Activity<Int, Int>("work")

private struct Declined: Error, Codable, Equatable { var code: Int }

private struct RateLimited: RetryAdvising {
    var advice: RetryAdvice
    var retryAdvice: RetryAdvice { advice }
}

private struct Generic<Value>: Error {}

@Suite(.timeLimit(.minutes(1))) struct ActivityRunnerTests {
    @Test func `What an activity returns completes it`() async {
        #expect(await run { input in input * 2 } == .completed(Array("14".utf8)))
    }

    @Test func `An error is retryable by the policy unless it says otherwise, and can set the delay`() async {
        #expect(await advice(for: Declined(code: 1)) == RetryAdvice.byPolicy)
        #expect(await advice(for: RateLimited(advice: .byPolicy)) == .byPolicy)
        #expect(await advice(for: RateLimited(advice: .never)) == .never)
        #expect(await advice(for: RateLimited(advice: .after(.seconds(7)))) == .after(.seconds(7)))
    }

    @Test func `A worker's condition can only take retries away`() async {
        let onlyDeclined: @Sendable (any Error) -> Bool = { $0 is Declined }
        #expect(await advice(for: Declined(code: 1), if: onlyDeclined) == .byPolicy)
        #expect(await advice(for: CocoaError(.fileReadUnknown), if: onlyDeclined) == .never)
        #expect(await advice(for: RateLimited(advice: .never), if: { _ in true }) == .never)
        #expect(await advice(for: RateLimited(advice: .after(.seconds(7))), if: { _ in false })?.isRetryable == false)
    }

    @Test func `Of two conditions both must hold`() async {
        let body = work.implement { _ in throw Declined(code: 1) }
        for (first, second) in [(true, false), (false, true)] {
            let failure = await run(body.retrying { _ in first }.retrying { _ in second }).failure
            #expect(failure?.advice == .never)
        }
    }

    @Test func `An input that doesn't decode is never retryable`() async {
        let result = await run(work.implement { $0 }.retrying { _ in true }, input: Array("true".utf8))
        #expect(result.failure?.advice == .never)
        #expect(result.failure?.record.message.contains("the input of activity work") == true)
    }

    @Test func `RetryActivity asks for another time, whatever the worker's condition says`() async {
        let body = work.implement { _ in throw RetryActivity(after: .seconds(3), reason: "busy") }
        #expect(await run(body.retrying { _ in false }) == .retry(after: .seconds(3), reason: "busy"))
    }

    @Test func `The type in a failure has neither module nor generic arguments`() async {
        let result = await run { _ in throw Generic<Int>() }
        #expect(result.failure?.record.type == "Generic")
    }

    @Test func `An activity can leave its completion to somebody else`() async {
        let result = await run { (_, context: ActivityContext) in
            #expect(context.completionToken.description == "3/n.0/7:order")
            try context.completeLater()
        }
        #expect(result == .later)
    }

    // MARK: Cancellation

    @Test func `The reason is there before the code hears of the cancellation, and the first one stays`() async {
        let attempt = attempt()
        let began = AsyncStream<Void>.makeStream()
        let body = work.implement { _, context in
            await withTaskCancellationHandler {
                began.continuation.finish()
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(600)) }
            } onCancel: {
                #expect(context.cancellationReason == .requested)
            }
            return 5
        }
        async let result = run(body, attempt)
        for await _ in began.stream {}
        attempt.cancel(.requested)
        attempt.cancel(.workerStopping)
        #expect(await result == .completed(Array("5".utf8)))
        #expect(attempt.cancellationReason == .requested)
    }

    @Test func `A cancellation that comes before the code runs cancels it from its beginning`() async {
        let attempt = attempt()
        attempt.cancel(.runClosed)
        let result = await run(work.implement { _ in Task.isCancelled ? 1 : 0 }, attempt)
        #expect(result == .completed(Array("1".utf8)))
    }

    // MARK: Heartbeats

    @Test func `A heartbeat of a cancelled attempt throws, and reaches nobody`() async {
        let calls = AsyncStream<[UInt8]?>.makeStream()
        let attempt = attempt { calls.continuation.yield($0) }
        attempt.cancel(.requested)
        _ = await run(
            work.implement { _, context in
                #expect(throws: CancellationError.self) { try context.heartbeat() }
                #expect(throws: CancellationError.self) { try context.heartbeat(1) }
                return 0
            }, attempt)
        await attempt.heartbeats.finish()
        calls.continuation.finish()
        for await _ in calls.stream { Issue.record("a heartbeat was sent") }
    }

    @Test func `Details are those of the attempt before, then the newest, and typed`() async {
        let attempt = attempt(details: Array("41".utf8))
        let result = await run(
            work.implement { _, context in
                #expect(try context.heartbeatDetails(as: Int.self) == 41)
                #expect(throws: PayloadError.self) { try context.heartbeatDetails(as: String.self) }
                try context.heartbeat(42)
                try context.heartbeat()
                return try context.heartbeatDetails(as: Int.self) ?? 0
            }, attempt)
        #expect(result == .completed(Array("42".utf8)))
    }

    @Test func `Details that don't encode are the caller's error`() async {
        let result = await run { (_, context: ActivityContext) in
            try context.heartbeat(Double.nan)
            return 0
        }
        #expect(result.failure?.record.message.contains("the last heartbeat of activity work") == true)
    }

    // MARK: Support

    private func attempt(
        details: [UInt8]? = nil, heartbeat: @escaping @Sendable ([UInt8]?) -> Void = { _ in }
    ) -> ActivityAttempt {
        let claim = ActivityClaim(run: RunID(workflowID: "order", number: 7), operation: 3, nonce: "n.0")
        let task = ActivityTask(
            claim: claim, name: "work", workflowType: "Order", queue: "default", attempt: 1, deliveries: 1, deaths: 0,
            deadline: Timestamp(milliseconds: 0), heartbeatDetails: details, input: Array("7".utf8))
        return ActivityAttempt(task, remaining: .seconds(60)) { details in
            heartbeat(details)
            return true
        }
    }

    private func run(
        _ registration: ActivityRegistration, _ attempt: ActivityAttempt
    ) async -> ActivityCompletion.Result {
        let registry = try! Registry([Registration(item: .activity(registration))])
        let runner = ActivityRunner(
            registry: registry, codec: PayloadCodec(converter: JSONDataConverter(), limit: 1 << 20),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return await attempt.start { await runner.run(attempt) }.value
    }

    private func run(_ registration: ActivityRegistration, input: [UInt8]? = nil) async -> ActivityCompletion.Result {
        var task = attempt().task
        task.input = input ?? task.input
        return await run(registration, ActivityAttempt(task, remaining: .seconds(60)) { _ in true })
    }

    private func run(_ body: @escaping @Sendable (Int) async throws -> Int) async -> ActivityCompletion.Result {
        await run(work.implement(body))
    }

    private func run(
        _ body: @escaping @Sendable (Int, ActivityContext) async throws -> Int
    ) async -> ActivityCompletion.Result {
        await run(work.implement(body))
    }

    /// What the runner makes of an error.
    private func advice(
        for error: any Error & Sendable, if condition: (@Sendable (any Error) -> Bool)? = nil
    ) async -> RetryAdvice? {
        var body = work.implement { _ in throw error }
        if let condition { body = body.retrying(if: condition) }
        return await run(body).failure?.advice
    }
}

extension ActivityCompletion.Result {
    fileprivate var failure: (record: FailureRecord, advice: RetryAdvice)? {
        guard case .failed(let record, let isRetryable, let delay) = self else { return nil }
        return (record, RetryAdvice(isRetryable: isRetryable, delay: delay))
    }
}

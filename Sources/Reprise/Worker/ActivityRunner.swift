import Logging

/// Runs one attempt of an activity and tells how it ended.
struct ActivityRunner: Sendable {
    let registry: Registry
    let codec: PayloadCodec
    let logger: Logger
    var runtime = WorkerRuntime.machine

    func run(_ attempt: ActivityAttempt) async -> ActivityCompletion.Result {
        let task = attempt.task
        guard let activity = registry.activities[task.name] else {
            return .retry(after: .seconds(1), reason: "this worker has no activity \(task.name)")
        }
        let context = ActivityContext(attempt, codec: codec, logger: logger)
        do {
            return .completed(try await activity.body(task.input, codec, context))
        } catch let retry as RetryActivity {
            context.logger.info("activity asks to run again", metadata: ["reason": "\(retry.reason)"])
            return .retry(after: retry.delay, reason: codec.converter.encoded(retry.reason))
        } catch is CompletesLater {
            return .later
        } catch let error as PayloadError where error.decryption?.missingKey != nil {
            // Keys reach the workers one by one. Another may have it, or this one after its next start.
            context.logger.warning("a key is missing", metadata: ["error": "\(error)"])
            return .retry(after: .seconds(1), reason: error.message)
        } catch {
            context.logger.debug("activity failed", metadata: ["error": "\(error)"])
            let advice = (error as? any RetryAdvising)?.retryAdvice ?? .byPolicy
            // A payload stays undecodable however often it is tried.
            let isRetryable = !(error is PayloadError) && activity.isRetryable(error) && advice.isRetryable
            return .failed(codec.record(of: error), isRetryable: isRetryable, nextDelay: advice.delay)
        }
    }
}

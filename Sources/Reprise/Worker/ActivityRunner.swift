import Logging

/// Runs one attempt of an activity and tells how it ended.
struct ActivityRunner: Sendable {
    let registry: Registry
    let codec: PayloadCodec
    let logger: Logger

    /// - Parameter remaining: until the attempt's deadline. The backend enforces it; here it ends the code.
    func run(_ task: ActivityTask, remaining: Duration) async -> ActivityCompletion.Result {
        guard let activity = registry.activities[task.name] else {
            return .retry(after: .seconds(1), reason: "this worker has no activity \(task.name)")
        }
        let context = context(for: task)
        do {
            let output = try await withDeadline(remaining) {
                try await activity.body(task.input, codec, context)
            }
            return .completed(output)
        } catch let retry as RetryActivity {
            context.logger.info("activity asks to run again", metadata: ["reason": "\(retry.reason)"])
            return .retry(after: retry.delay, reason: retry.reason)
        } catch let timeout as DeadlineReached {
            return .failed(
                FailureRecord(
                    type: ActivityTimeout.startToClose.rawValue,
                    message: "the attempt took longer than \(timeout.duration)"),
                isRetryable: true)
        } catch {
            context.logger.debug("activity failed", metadata: ["error": "\(error)"])
            // A payload stays undecodable however often it is tried.
            return .failed(codec.record(of: error), isRetryable: !(error is PayloadError))
        }
    }

    private func context(for task: ActivityTask) -> ActivityContext {
        var logger = logger
        logger[metadataKey: "activity"] = "\(task.name)"
        logger[metadataKey: "run"] = "\(task.claim.run)"
        logger[metadataKey: "attempt"] = "\(task.attempt)"
        return ActivityContext(
            activity: task.name, run: task.claim.run, attempt: task.attempt, deliveries: task.deliveries,
            idempotencyKey: "\(task.claim.run)/\(task.claim.operation)", queue: task.queue, logger: logger)
    }

    private struct DeadlineReached: Error { var duration: Duration }

    /// Cancels the body at its deadline, and waits for it.
    private func withDeadline<Value: Sendable>(
        _ remaining: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: remaining)
                throw DeadlineReached(duration: remaining)
            }
            defer { group.cancelAll() }
            // The first to end decides; the group has at least one child.
            return try await group.next()!
        }
    }
}

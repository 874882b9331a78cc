/// Finishing activities from outside, see ``ActivityContext/completeLater()``.
extension WorkflowClient {
    /// Gives the result of an activity that was left to be finished from outside.
    ///
    /// ```swift
    /// // In the handler of a gateway's webhook:
    /// do {
    ///     let token = try ActivityToken(webhook.reference)
    ///     try await client.complete(Payments.charge, token, with: .init(id: webhook.receipt))
    /// } catch is ActivityTokenExpired {
    ///     // The gateway calls twice now and then; or the workflow has given up.
    /// }
    /// ```
    ///
    /// - Throws: ``ActivityTokenExpired``, ``BackendError``, ``PayloadError``.
    public func complete<Input, Output>(
        _ activity: Activity<Input, Output>, _ token: ActivityToken, with output: Output
    ) async throws {
        let payload = try codec.encode(output, activity.outputCoder, "the output of activity \(activity.name)")
        try await end(token, .completed(payload.bytes))
    }

    /// Completes an activity that returns nothing.
    public func complete<Input>(_ activity: Activity<Input, Void>, _ token: ActivityToken) async throws {
        try await complete(activity, token, with: ())
    }

    /// Ends the attempt with an error, as if the activity had thrown it: its ``RetryAdvising`` and the retry policy decide
    /// what follows. The next attempt is run by a worker, from the activity's beginning. ``RetryActivity`` runs it again
    /// without counting the attempt.
    ///
    /// - Throws: ``ActivityTokenExpired``, ``BackendError``.
    public func fail(_ token: ActivityToken, with error: any Error) async throws {
        if let retry = error as? RetryActivity {
            return try await end(
                token, .retry(after: retry.delay, reason: codec.converter.encoded(retry.reason)))
        }
        let advice = (error as? any RetryAdvising)?.retryAdvice ?? .byPolicy
        try await end(
            token, .failed(codec.record(of: error), isRetryable: advice.isRetryable, nextDelay: advice.delay))
    }

    /// Says that the attempt is alive, with details that the next attempt can read. It is sent at once: don't call it more
    /// often than the activity's heartbeat timeout asks for.
    ///
    /// - Throws: ``ActivityTokenExpired``, ``BackendError``, ``PayloadError``.
    public func heartbeat(_ token: ActivityToken, _ details: some Encodable & Sendable) async throws {
        try await beat(token, codec.encode(details, "the heartbeat of an activity"))
    }

    /// Says that the attempt is alive.
    ///
    /// - Throws: ``ActivityTokenExpired``, ``BackendError``.
    public func heartbeat(_ token: ActivityToken) async throws { try await beat(token, nil) }

    private func beat(_ token: ActivityToken, _ details: [UInt8]?) async throws {
        guard try await backend.heartbeat(token.claim, details: details) == .recorded else {
            throw ActivityTokenExpired(token: token)
        }
    }

    private func end(_ token: ActivityToken, _ result: ActivityCompletion.Result) async throws {
        // What is resolved already takes a completion without a word: ask before.
        try await beat(token, nil)
        let completion = ActivityCompletion(claim: token.claim, result: result)
        switch (try await backend.complete(completion, claiming: nil).answer, result) {
        case (.superseded, _), (.retrying, .completed): throw ActivityTokenExpired(token: token)
        default: return
        }
    }
}

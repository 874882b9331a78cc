public import Logging

/// What an activity knows of itself while it runs, and what it tells of itself.
///
/// When its result isn't wanted any more, its task is cancelled within milliseconds, and ``cancellationReason`` says why.
public struct ActivityContext: Sendable {
    /// The activity's name.
    public let activity: String
    /// The run that scheduled it.
    public let run: RunID
    /// The id of the workflow that scheduled it.
    public var workflowID: String { run.workflowID }
    /// Counted from 1; rises when an attempt throws or times out. The retry policy counts these.
    public let attempt: Int
    /// How often the activity has been handed to a worker, this time included: also after a worker's death or a
    /// shutdown, which the retry policy doesn't count.
    public let deliveries: Int
    /// The same for every attempt and delivery of this call, and for no other call of this namespace: only a store that lost
    /// what it had acknowledged, or was emptied, may give it again. Give it to the service that must not do the thing twice;
    /// with a prefix of your own if several namespaces or environments share an account there. The workflow knows it, too:
    /// ``ActivityHandle/idempotencyKey``.
    public let idempotencyKey: String
    /// The queue that it came from.
    public let queue: String
    /// A logger that names the activity, the run and the attempt.
    public let logger: Logger
    private let running: ActivityAttempt
    private let codec: PayloadCodec

    init(_ running: ActivityAttempt, codec: PayloadCodec, logger: Logger) {
        let task = running.task
        activity = task.name
        run = task.claim.run
        attempt = task.attempt
        deliveries = task.deliveries
        idempotencyKey = task.claim.run.idempotencyKey(ofOperation: task.claim.operation)
        queue = task.queue
        var logger = logger
        logger[metadataKey: "activity"] = "\(task.name)"
        logger[metadataKey: "run"] = "\(task.claim.run)"
        logger[metadataKey: "attempt"] = "\(task.attempt)"
        self.logger = logger
        self.running = running
        self.codec = codec
    }

    // MARK: Cancellation

    /// Why this attempt's task was cancelled; `nil` while it wasn't. It is set before the task is cancelled.
    ///
    /// ```swift
    /// do {
    ///     try await upload(file)
    /// } catch is CancellationError {
    ///     if context.cancellationReason == .requested { await remove(file) }  // else another attempt goes on with it
    ///     throw CancellationError()
    /// }
    /// ```
    ///
    /// What a cancelled attempt throws is not recorded: whoever cancelled it has decided what follows.
    public var cancellationReason: CancellationReason? { running.cancellationReason }

    // MARK: Heartbeats

    /// Says that the attempt is alive, with details that the next attempt can read.
    ///
    /// ```swift
    /// let done = try context.heartbeatDetails(as: Int.self) ?? 0
    /// for index in done..<rows.count {
    ///     try await copy(rows[index])
    ///     try context.heartbeat(index + 1)
    /// }
    /// ```
    ///
    /// Call it as often as you like: it doesn't wait. The worker sends the first one at once, then the newest one three times
    /// per heartbeat timeout (each second without one, each five seconds at least); also the last one before a failure, so
    /// that the next attempt begins where this one ended. While the store is away nothing is sent, and that is no error here.
    ///
    /// - Throws: `CancellationError` if the attempt was cancelled, so that a loop ends there; ``PayloadError`` if the details
    ///   don't encode or are too large.
    public func heartbeat(_ details: some Encodable & Sendable) throws {
        try beat(codec.encode(details, "the last heartbeat of activity \(activity)"))
    }

    /// Says that the attempt is alive. The details of the last heartbeat stay.
    ///
    /// - Throws: `CancellationError` if the attempt was cancelled.
    public func heartbeat() throws { try beat(nil) }

    private func beat(_ details: [UInt8]?) throws {
        guard cancellationReason == nil else { throw CancellationError() }
        running.heartbeats.beat(details)
    }

    /// The details of the last heartbeat that had any, of this attempt or of one before; `nil` if none had.
    ///
    /// - Throws: ``PayloadError`` if they are of another type.
    public func heartbeatDetails<Details: Decodable>(as type: Details.Type) throws -> Details? {
        try running.heartbeats.details.map {
            try codec.decode($0, as: type, "the last heartbeat of activity \(activity)")
        }
    }

    // MARK: Completion from outside

    /// Names this attempt to whoever will finish it, see ``completeLater()``.
    public var completionToken: ActivityToken { ActivityToken(running.task.claim) }

    /// Leaves the attempt to be finished from outside, by a webhook or a person, under the same timeouts. It ends the
    /// activity's code by throwing; let the error pass. The worker is free for other work.
    ///
    /// ```swift
    /// Payments.charge.implement { charge, context in
    ///     try await gateway.begin(charge, reference: context.completionToken.description)
    ///     try context.completeLater()
    /// }
    /// ```
    /// ```swift
    /// // And where the gateway calls back, in any process:
    /// try await client.complete(Payments.charge, ActivityToken(reference), with: receipt)
    /// ```
    ///
    /// It does no harm if the answer comes before this call: then that is the result.
    public func completeLater() throws -> Never { throw CompletesLater() }
}

extension RunID {
    /// Names one operation of the run to services outside.
    func idempotencyKey(ofOperation operation: Int) -> String { "\(self)/\(operation)" }
}

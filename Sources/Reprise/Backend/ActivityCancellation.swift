/// Word to a worker that the result of an attempt it runs is not wanted any more.
public struct ActivityCancellation: Hashable, Sendable {
    /// The claim's nonce.
    public var nonce: String
    /// Why.
    public var reason: CancellationReason

    /// Makes a value.
    public init(nonce: String, reason: CancellationReason) {
        self.nonce = nonce
        self.reason = reason
    }
}

/// Why an activity's task is cancelled. There may be more in later versions.
public struct CancellationReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The word.
    public let rawValue: String
    /// Any word.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The word.
    public var description: String { rawValue }

    /// The workflow doesn't want it any more: its task was cancelled, or another operation won a race.
    public static let requested = CancellationReason(rawValue: "requested")
    /// The run ended without waiting for it.
    public static let runClosed = CancellationReason(rawValue: "runClosed")
    /// One of its timeouts passed.
    public static let timedOut = CancellationReason(rawValue: "timedOut")
    /// The worker lost its claim, as the store told it: it could not renew it in time, and another has the task by now.
    public static let claimLost = CancellationReason(rawValue: "claimLost")
    /// The worker is stopping. The activity will be handed to another.
    public static let workerStopping = CancellationReason(rawValue: "workerStopping")
}

/// What a heartbeat answers.
public enum HeartbeatAnswer: Hashable, Sendable {
    /// It is recorded, and the attempt goes on.
    case recorded
    /// The attempt is not wanted any more, or is under another claim. Nothing was written.
    case superseded
}

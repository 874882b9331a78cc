/// How one attempt of an activity ended.
public struct ActivityCompletion: Hashable, Sendable {
    /// The claim it ran under. The completion ends it.
    public var claim: ActivityClaim
    /// How it ended.
    public var result: Result

    /// Makes a completion.
    public init(claim: ActivityClaim, result: Result) {
        self.claim = claim
        self.result = result
    }

    /// How an attempt ended.
    public enum Result: Hashable, Sendable {
        /// It returned this encoded output.
        case completed([UInt8])
        /// It threw. The backend counts the attempt and applies the activity's retry policy, unless `isRetryable` is
        /// false; it fills in ``FailureRecord/attempts``.
        case failed(FailureRecord, isRetryable: Bool)
        /// It asked to run again after a delay, whatever its retry policy says. The attempt is not counted.
        case retry(after: Duration, reason: String)
    }

    /// What a completion answers. None is an error.
    public enum Answer: Hashable, Sendable {
        /// The operation is resolved: by this completion, or by something before it.
        case resolved
        /// The activity runs again at this time.
        case retrying(at: Timestamp)
        /// The operation is open under another claim: this result was not recorded.
        case superseded
    }
}

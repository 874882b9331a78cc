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
        /// false or the policy names the failure's type; it fills in ``FailureRecord/attempts``. If there is another
        /// attempt, `nextDelay` takes the place of the policy's delay, as it is: without jitter or maximum.
        case failed(FailureRecord, isRetryable: Bool, nextDelay: Duration? = nil)
        /// It asked to run again after a delay, whatever its retry policy says. The attempt is not counted.
        case retry(after: Duration, reason: String)
        /// The attempt goes on elsewhere. The worker is done with it: the claim is over for it, as if it had handed in a
        /// result. Whoever has the claim's nonce sends heartbeats and completes it, under the same timeouts.
        case later
    }

    /// What a completion answers. None is an error.
    public enum Answer: Hashable, Sendable {
        /// The operation is resolved: by this completion, or by something before it.
        case resolved
        /// The activity runs again at this time.
        case retrying(at: Timestamp)
        /// The attempt goes on elsewhere: the answer to ``Result/later``.
        case pending
        /// The operation is open under another claim: this result was not recorded.
        case superseded
    }
}

/// Gives a claim back without a result.
public struct WorkflowRelease: Hashable, Sendable {
    /// The claim. It ends.
    public var claim: WorkflowClaim
    /// What to do with the run.
    public var disposition: Disposition

    /// Makes a release.
    public init(claim: WorkflowClaim, disposition: Disposition) {
        self.claim = claim
        self.disposition = disposition
    }

    /// What to do with a run that is given back.
    public enum Disposition: Hashable, Sendable {
        /// To the front of its queue, as if it had not been claimed.
        case handBack
        /// The turn failed: count it, keep the reason, queue the run again after the delay. It is `delayed` until then,
        /// and what arrives doesn't wake it.
        case retry(after: Duration, reason: String)
        /// The turn failed, and trying again won't help: count it, keep the reason, leave the run to a person.
        case block(reason: String)
    }
}

/// What giving a claim back answers.
public enum ReleaseAnswer: Hashable, Sendable {
    /// The claim is over: by this release, or in another way before. No other claim was made since.
    case released
    /// Another claim was made since, or what was claimed is gone. Nothing was written.
    case fenced
}

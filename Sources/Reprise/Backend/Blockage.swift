/// What blocked a run. ``RunDescription/reason`` says why.
public struct Blockage: Hashable, Sendable {
    /// Since when it is blocked.
    public var since: Timestamp
    /// The name of the worker that gave it up, or that died last while it held it; by default its host and process. Empty
    /// if it was no worker's doing.
    public var worker: String
    /// The build of that worker; empty if it named none.
    public var build: String
    /// If workers died: how the attempt or the turn before had failed; `nil` if none had.
    public var lastError: String?

    /// Makes a value.
    public init(since: Timestamp, worker: String = "", build: String = "", lastError: String? = nil) {
        self.since = since
        self.worker = worker
        self.build = build
        self.lastError = lastError
    }
}

public import Foundation

/// How a run is started.
public struct StartOptions: Hashable, Sendable {
    /// The queue that its workflow tasks go to, and its activities unless they say otherwise. Default: `default`.
    public var queue: String
    /// A word of yours that the workflow can read. Default: empty.
    public var version: String
    /// When to start; `nil` is now. Signals sent before are buffered.
    public var startAt: Date?

    /// Makes options.
    public init(queue: String = "default", version: String = "", startAt: Date? = nil) {
        self.queue = queue
        self.version = version
        self.startAt = startAt
    }
}

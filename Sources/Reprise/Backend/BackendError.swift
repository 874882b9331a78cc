/// What a backend can't do, and why.
public struct BackendError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sort of error.
    public let code: Code
    /// What happened, and what to do about it.
    public let message: String
    /// The run it is about.
    public let run: RunID?

    /// Makes an error.
    public init(_ code: Code, _ message: String, run: RunID? = nil) {
        self.code = code
        self.message = message
        self.run = run
    }

    /// The message for a log.
    public var description: String { "\(code.name): \(message)" }

    /// Sorts of backend errors. There may be more in later versions.
    public struct Code: Hashable, Sendable {
        let name: String

        /// No run has this workflow id or run number.
        public static let runNotFound = Code(name: "runNotFound")
        /// The workflow id has a run that is not closed; ``BackendError/run`` names it.
        public static let alreadyRunning = Code(name: "alreadyRunning")
        /// The run is closed and takes no signal.
        public static let runClosed = Code(name: "runClosed")
        /// The worker isn't registered, or its registration lapsed: register again.
        public static let workerNotRegistered = Code(name: "workerNotRegistered")
        /// The request can't be meant: a workflow id that is too long, a commit that contradicts the run. Nothing was
        /// written.
        public static let invalidRequest = Code(name: "invalidRequest")
        /// The store can't be reached now. The call may or may not have taken effect; it can be sent again.
        public static let unavailable = Code(name: "unavailable")
        /// The store refuses this configuration: wrong password, missing permission, read-only replica.
        public static let misconfigured = Code(name: "misconfigured")
        /// The store's settings would lose runs or stop workers: see ``PreflightFinding`` and
        /// ``WorkerOptions/allowsUnsafeStore``.
        public static let unsafeStore = Code(name: "unsafeStore")
        /// The store has no memory left for new work. Nothing was written.
        public static let outOfMemory = Code(name: "outOfMemory")
        /// The store holds something this version can't read.
        public static let corrupt = Code(name: "corrupt")
        /// The calling task was cancelled, or the backend was shut down. The call may have taken effect.
        public static let cancelled = Code(name: "cancelled")
    }
}

/// One entry of a run's history, as a backend stores it: a short header that scripts can read and write, and a payload
/// that is opaque to them.
///
/// Entries of a run are numbered 1, 2, 3, ... without a gap. There are two sorts: **arrivals**, written when something
/// happened, and **turns**, written by a worker, which say how far it had read and what it decided.
public struct HistoryEntry: Hashable, Sendable {
    /// The place in the history, counted from 1.
    public var number: Int
    /// What happened.
    public var kind: Kind
    /// When it was recorded: the backend's clock, never earlier than the entry before.
    public var time: Timestamp
    /// The operation an arrival resolves, or the last arrival that a turn had stepped; 0 where there is none.
    public var reference: Int
    /// The bytes that belong to this kind, see ``Kind``.
    public var payload: [UInt8]

    /// Makes an entry.
    public init(number: Int, kind: Kind, time: Timestamp, reference: Int = 0, payload: [UInt8] = []) {
        self.number = number
        self.kind = kind
        self.time = time
        self.reference = reference
        self.payload = payload
    }

    /// What an entry records. The raw value is what a backend stores.
    public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The stored word.
        public let rawValue: String
        /// Any word: an entry written by a later version is kept and reported, not lost.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// The stored word.
        public var description: String { rawValue }

        /// A delayed start was accepted; the payload is a ``StartRecord``. `started` follows when it is due.
        public static let scheduled = Kind(rawValue: "scheduled")
        /// The run began; the payload is a ``StartRecord``, or empty after `scheduled`.
        public static let started = Kind(rawValue: "started")
        /// An activity returned; the reference is its operation, the payload its encoded output.
        public static let activityCompleted = Kind(rawValue: "activityCompleted")
        /// An activity failed for good; the reference is its operation, the payload a ``FailureRecord`` in JSON.
        public static let activityFailed = Kind(rawValue: "activityFailed")
        /// A timer came due; the reference is its operation.
        public static let timerFired = Kind(rawValue: "timerFired")
        /// A signal arrived; the payload is a ``SignalRecord``.
        public static let signalled = Kind(rawValue: "signalled")
        /// A child workflow returned; the reference is its operation, the payload its encoded output.
        public static let childCompleted = Kind(rawValue: "childCompleted")
        /// A child workflow failed, was cancelled or terminated, or could not be started; the reference is its operation,
        /// the payload a ``FailureRecord`` in JSON.
        public static let childFailed = Kind(rawValue: "childFailed")
        /// Somebody asked the run to end; the payload is the reason as text. There is at most one. It is the last entry
        /// of a run that was cancelled before it started.
        public static let cancelRequested = Kind(rawValue: "cancelRequested")
        /// Somebody ended the run; the payload is the reason as text. It is the last entry.
        public static let terminated = Kind(rawValue: "terminated")
        /// A worker advanced the run; the reference is the last arrival it had stepped, the payload a ``Turn``.
        public static let turn = Kind(rawValue: "turn")
    }

    /// Whether the entry is something that happened, not something that a worker decided.
    public var isArrival: Bool { kind != .turn }
}

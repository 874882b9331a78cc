/// One decision of workflow code, as a turn records it and as replay matches it.
public struct Command: Hashable, Sendable {
    /// What is to be done.
    public var kind: Kind
    /// The activity's or signal's name; empty where the kind says all.
    public var name: String
    /// When a timer is due, in milliseconds since 1970; the operation that is cancelled or signalled; a version; `nil` for
    /// the others.
    public var argument: Int64?
    /// A hash of the input's canonical form, before any codec; `nil` if the data converter gave none.
    public var fingerprint: UInt64?
    /// The source position that issued it, as `Module/File.swift:12`. It is shown, and never compared.
    public var location: String
    /// The encoded input, output or failure.
    public var payload: [UInt8]

    /// Makes a command.
    public init(
        kind: Kind, name: String = "", argument: Int64? = nil, fingerprint: UInt64? = nil, location: String = "",
        payload: [UInt8] = []
    ) {
        self.kind = kind
        self.name = name
        self.argument = argument
        self.fingerprint = fingerprint
        self.location = location
        self.payload = payload
    }

    /// What a command does. The raw value is what a history stores.
    public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The stored word.
        public let rawValue: String
        /// Any word: a command written by a later version is reported, not lost.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// The stored word.
        public var description: String { rawValue }

        /// Run an activity. Its operation number is its position in the command sequence.
        public static let scheduleActivity = Kind(rawValue: "scheduleActivity")
        /// Wake the run at a time. Its operation number is its position in the command sequence.
        public static let startTimer = Kind(rawValue: "startTimer")
        /// Stop waiting for an operation, and take back what it put in place.
        public static let cancelOperation = Kind(rawValue: "cancelOperation")
        /// Start a child workflow; the name is its type, the payload its workflow id and a ``StartRecord``. Its operation
        /// number is its position in the command sequence.
        public static let startChild = Kind(rawValue: "startChild")
        /// Send a signal to a child; the argument is its operation, the payload a ``SignalRecord``.
        public static let signalChild = Kind(rawValue: "signalChild")
        /// Run a local activity: the worker does, before the turn is recorded, see ``Turn/localResults``. Its operation
        /// number is its position in the command sequence.
        public static let localActivity = Kind(rawValue: "localActivity")
        /// Record a value that code computed: the payload.
        public static let sideEffect = Kind(rawValue: "sideEffect")
        /// Record which version of a piece of code the run takes: the name is its id, the argument the version.
        public static let version = Kind(rawValue: "version")
        /// The workflow ended because it was asked to; the payload is the reason as text.
        public static let cancelled = Kind(rawValue: "cancelled")
        /// Go on in a new run; the payload is its ``StartRecord``.
        public static let continueAsNew = Kind(rawValue: "continueAsNew")
        /// The workflow returned.
        public static let complete = Kind(rawValue: "complete")
        /// The workflow threw.
        public static let fail = Kind(rawValue: "fail")
    }
}

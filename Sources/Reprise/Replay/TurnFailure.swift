/// Why a turn could not be taken. It is an error of the engine, never of the run: the run keeps its history, the turn is
/// tried again, and then the run is blocked with this message, until a build comes that can take it.
public struct TurnFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sort of failure.
    public let kind: Kind
    /// What happened, where, and what to do about it.
    public let message: String

    /// The message for a log.
    public var description: String { message }

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Sorts of turn failures. There may be more in later versions.
    public struct Kind: Hashable, Sendable {
        let name: String
        /// The code does something else than the history says.
        public static let divergence = Kind(name: "divergence")
        /// A payload does not decode, does not encode, or is too large.
        public static let payload = Kind(name: "payload")
        /// Workflow code suspended on something that is not its context, or used its context from elsewhere.
        public static let foreignSuspension = Kind(name: "foreignSuspension")
        /// Workflow code asks its context for something that can't be.
        public static let misuse = Kind(name: "misuse")
        /// The history can't be read by this version.
        public static let corruptHistory = Kind(name: "corruptHistory")
        /// The worker has no workflow of this type.
        public static let unknownType = Kind(name: "unknownType")
    }
}

/// Thrown by a context whose run has been stopped by the engine: evicted from memory, or its turn failed. Nothing that
/// workflow code does after it counts; let it pass.
public struct WorkflowStopped: Error, Hashable, Sendable {}

/// Thrown by a context that is used from outside its workflow's own tasks. The turn fails, too.
public struct WorkflowMisuse: Error, Hashable, Sendable, CustomStringConvertible {
    /// The operation, and where it belongs.
    public let message: String
    /// The message for a log.
    public var description: String { message }
}

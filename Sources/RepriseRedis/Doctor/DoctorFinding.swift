public import Reprise

/// Something that is wrong with what is stored, and what is to be done about it.
public struct DoctorFinding: Hashable, Sendable, CustomStringConvertible {
    /// The invariant that is broken, and what was found.
    public let violation: InvariantViolation
    /// What repairing does, or did; or what a person should do.
    public let remedy: String
    /// How far it is from being mended.
    public let state: State

    /// How far a finding is from being mended.
    public enum State: String, Hashable, Sendable {
        /// It is there; repairing would apply the remedy.
        case repairable
        /// The remedy was applied.
        case repaired
        /// No repair is safe: a person must decide. A run that is damaged is blocked by repairing, never destroyed.
        case needsPerson
    }

    /// The message for a log.
    public var description: String {
        switch state {
        case .repairable: "\(violation) (repairing \(remedy))"
        case .repaired: "\(violation) (repaired: \(remedy))"
        case .needsPerson: "\(violation) (to do: \(remedy))"
        }
    }
}

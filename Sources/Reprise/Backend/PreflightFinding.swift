/// Something about a store's settings that whoever runs workers on it should know.
public struct PreflightFinding: Hashable, Sendable, CustomStringConvertible {
    /// How bad it is.
    public var severity: Severity
    /// The setting, as the store names it.
    public var setting: String
    /// Its value, or what was found.
    public var found: String
    /// What follows from it.
    public var consequence: String
    /// What to do, as exactly as possible.
    public var fix: String

    /// Makes a finding.
    public init(_ severity: Severity, _ setting: String, found: String, consequence: String, fix: String) {
        self.severity = severity
        self.setting = setting
        self.found = found
        self.consequence = consequence
        self.fix = fix
    }

    /// How bad a finding is.
    public enum Severity: String, Hashable, Sendable, Comparable {
        /// Good to know.
        case note
        /// Runs may be lost or refused in foreseeable circumstances.
        case warning
        /// Workers can't work, or what they do will be lost. A worker doesn't start, see ``WorkerOptions/allowsUnsafeStore``.
        case unsafe

        /// A note is less than a warning, and that less than what is unsafe.
        public static func < (one: Severity, other: Severity) -> Bool {
            let order: [Severity] = [.note, .warning, .unsafe]
            return order.firstIndex(of: one)! < order.firstIndex(of: other)!
        }
    }

    /// The message for a log.
    public var description: String { "\(setting) is \(found): \(consequence). Fix: \(fix)" }
}

/// A value that an API call can't take. Nothing was done.
public struct InvalidArgument: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the argument.
    public let field: String
    /// The value given.
    public let value: String
    /// What is wrong with it, and what to give instead.
    public let problem: String

    /// The message for a log.
    public var description: String {
        let limit = 80
        let excerpt = value.count > limit ? "\(value.prefix(limit))…" : value
        return "\(field) “\(excerpt.cut(to: 8 * limit).printable)”: \(problem)"
    }

    package init(field: String, value: String, problem: String) {
        self.field = field
        self.value = value
        self.problem = problem
    }

    /// Checks a name that becomes part of keys and list members, see ``LengthLimits``.
    static func check(name: String, field: String, mayBeEmpty: Bool = false) throws(InvalidArgument) {
        if let fault = LengthLimits.fault(inName: name, mayBeEmpty: mayBeEmpty) {
            throw InvalidArgument(field: field, value: name, problem: fault)
        }
    }
}

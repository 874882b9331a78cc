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
        return "\(field) “\(excerpt)”: \(problem)"
    }

    package init(field: String, value: String, problem: String) {
        self.field = field
        self.value = value
        self.problem = problem
    }

    /// Checks a name that becomes part of keys and list members: not empty, at most 255 bytes.
    static func check(name: String, field: String) throws(InvalidArgument) {
        if name.isEmpty {
            throw InvalidArgument(field: field, value: name, problem: "it must not be empty")
        }
        if name.utf8.count > 255 {
            throw InvalidArgument(
                field: field, value: name,
                problem: "it is \(name.utf8.count) bytes long; use at most 255, such as a hash of what it is made from")
        }
    }
}

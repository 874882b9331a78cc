/// Why a test server could not be started.
public struct RedisTestServerError: Error, CustomStringConvertible {
    /// A sentence for people.
    public let description: String

    init(_ description: String) {
        self.description = description
    }

    var isPortTaken: Bool { description.contains("Address already in use") }
}

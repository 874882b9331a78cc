/// Why a command, a connection or a configuration failed.
///
/// `code` says what happened, `category` what kind of thing it is, and `mayHaveExecuted` whether the server may have carried
/// out the command all the same: after `false`, sending it again cannot do it twice.
public struct RedisError: Error, Sendable, Hashable {
    /// What happened.
    public let code: Code
    /// A sentence for people. Never holds a password or an argument of a command.
    public let message: String
    /// Whether the server may have executed the command, or part of a script.
    public let mayHaveExecuted: Bool
    /// The server's own error, if it answered one.
    public let serverError: RedisServerError?

    /// An error of this code. Public so that test doubles of a client can fail as it does.
    public init(
        _ code: Code, _ message: String, mayHaveExecuted: Bool = false, serverError: RedisServerError? = nil
    ) {
        self.code = code
        self.message = message
        self.mayHaveExecuted = mayHaveExecuted
        self.serverError = serverError
    }

    /// The error that stands for what the server answered to a command.
    public init(server error: RedisServerError) {
        let code = Code(serverCode: error.code)
        // These are answered before anything runs, unless they come from within a script: that may have written before,
        // and nothing is rolled back.
        let isRefusal =
            (code != .serverError || Self.refusals.contains(error.code)) && !error.message.contains("script: ")
        self.init(code, error.message, mayHaveExecuted: !isRefusal, serverError: error)
    }

    private static let refusals: Set<String> = [
        "BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MOVED", "ASK", "TRYAGAIN", "CROSSSLOT", "NOREPLICAS",
        "WRONGTYPE",
    ]

    /// The same error for a command of which this may be said.
    func with(mayHaveExecuted: Bool) -> RedisError {
        RedisError(code, message, mayHaveExecuted: mayHaveExecuted, serverError: serverError)
    }
}

extension RedisError: CustomStringConvertible {
    /// The code and the message, and whether the command may have been executed.
    public var description: String {
        "\(code): \(message)\(mayHaveExecuted ? " (the command may have been executed)" : "")"
    }
}

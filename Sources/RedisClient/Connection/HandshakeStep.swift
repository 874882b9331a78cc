/// One command of the opening of a connection, all of which are sent in one flush.
enum HandshakeStep: Equatable {
    case authenticate(RedisCredentials)
    case select(database: Int)
    case setName(String)
    /// Tells a server that wants a password, or is still loading its data, from one that is ready.
    case ping

    /// The opening that a configuration asks for. Never empty.
    static func steps(for configuration: RedisConfiguration) -> [HandshakeStep] {
        var steps: [HandshakeStep] = []
        if let credentials = configuration.credentials { steps.append(.authenticate(credentials)) }
        if let name = configuration.clientName { steps.append(.setName(name)) }
        if configuration.database != 0 { steps.append(.select(database: configuration.database)) }
        steps.append(.ping)
        return steps
    }

    var command: RedisCommand {
        switch self {
        case .authenticate(let credentials):
            if let username = credentials.username {
                RedisCommand("AUTH", username, credentials.password)
            } else {
                RedisCommand("AUTH", credentials.password)
            }
        case .select(let database): RedisCommand("SELECT", database)
        case .setName(let name): RedisCommand("CLIENT", "SETNAME", name)
        case .ping: RedisCommand("PING")
        }
    }

    /// Why this answer means that the connection cannot be used, if it does. Those of the category `configuration` are not
    /// worth another attempt.
    func failure(_ reply: RedisReply) -> RedisError? {
        guard let error = reply.serverError else { return nil }
        let isTemporary =
            ["LOADING", "BUSY", "MASTERDOWN"].contains(error.code) || error.message.contains("max number of clients")
        if isTemporary { return RedisError(.connectionFailed, error.message, serverError: error) }
        switch self {
        case .authenticate(let credentials):
            // A server that does not know AUTH quotes what it was given.
            let message =
                credentials.password.isEmpty
                ? error.message : error.message.replacing(credentials.password, with: "***")
            return RedisError(
                .authenticationFailed, message, serverError: RedisServerError(message: message))
        case .select(let database):
            return RedisError(server: error).orInvalidConfiguration("database \(database) cannot be selected")
        case .setName(let name):
            return RedisError(server: error).orInvalidConfiguration("the client cannot be named \"\(name)\"")
        case .ping:
            if error.code == "NOAUTH" {
                return RedisError(
                    .authenticationFailed, "the server wants a password: \(error.message)", serverError: error)
            }
            // A user that may not PING may still be allowed what it is here for. "DENIED" is the protected mode.
            return error.code == "DENIED" ? RedisError(.permissionDenied, error.message, serverError: error) : nil
        }
    }
}

extension RedisError {
    fileprivate func orInvalidConfiguration(_ what: String) -> RedisError {
        let code = category == .configuration ? code : .invalidConfiguration
        return RedisError(code, "\(what): \(message)", serverError: serverError)
    }
}

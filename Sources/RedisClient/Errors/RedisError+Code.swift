extension RedisError {
    /// What happened. More may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case invalidURL, invalidConfiguration, tlsUnavailable, tlsFailed
            case authenticationFailed, permissionDenied, readOnlyReplica
            case invalidCommand, unexpectedReply
            case connectionFailed, connectionLost, clientShutDown
            case timedOut, cancelled
            case protocolError
            case serverError, noScript, outOfMemory
        }

        private let value: Value

        private init(_ value: Value) {
            self.value = value
        }

        /// A Redis URL cannot be understood. The message names the part.
        public static let invalidURL = Code(.invalidURL)
        /// The server refused a setting: the database number, the client's name; or a file of the TLS settings is unreadable.
        public static let invalidConfiguration = Code(.invalidConfiguration)
        /// TLS was asked for and this build has none: the package trait `TLS` is off.
        public static let tlsUnavailable = Code(.tlsUnavailable)
        /// The TLS handshake failed: untrusted or wrong certificate, wrong name, client certificate refused.
        public static let tlsFailed = Code(.tlsFailed)
        /// Wrong user or password, or the server wants one and none was given.
        public static let authenticationFailed = Code(.authenticationFailed)
        /// The user's ACL does not allow the command, the key or the channel (`NOPERM`).
        public static let permissionDenied = Code(.permissionDenied)
        /// A write was sent to a replica (`READONLY`).
        public static let readOnlyReplica = Code(.readOnlyReplica)
        /// The command cannot be sent on this connection. Nothing was sent.
        public static let invalidCommand = Code(.invalidCommand)
        /// A reply was not of the type that the caller asked for.
        public static let unexpectedReply = Code(.unexpectedReply)
        /// No connection could be made within the time that the command had. The message names the address and the reason.
        public static let connectionFailed = Code(.connectionFailed)
        /// The connection ended before the reply came.
        public static let connectionLost = Code(.connectionLost)
        /// The client, or the dedicated connection, was shut down.
        public static let clientShutDown = Code(.clientShutDown)
        /// The reply did not come in time.
        public static let timedOut = Code(.timedOut)
        /// The waiting task was cancelled.
        public static let cancelled = Code(.cancelled)
        /// The server sent something that is not RESP2.
        public static let protocolError = Code(.protocolError)
        /// The server answered an error that has no code of its own here; see ``RedisError/serverError``.
        public static let serverError = Code(.serverError)
        /// The server does not know the script of an `EVALSHA` (`NOSCRIPT`).
        public static let noScript = Code(.noScript)
        /// The server is at its `maxmemory` (`OOM`), or cannot persist and therefore refuses writes (`MISCONF`).
        public static let outOfMemory = Code(.outOfMemory)

        /// The name of the code.
        public var description: String { value.rawValue }

        /// The kind of thing that happened.
        public var category: Category {
            switch value {
            case .invalidURL, .invalidConfiguration, .tlsUnavailable, .tlsFailed, .authenticationFailed,
                .permissionDenied, .readOnlyReplica:
                .configuration
            case .invalidCommand, .unexpectedReply: .usage
            case .connectionFailed, .connectionLost, .clientShutDown: .connection
            case .timedOut: .timeout
            case .cancelled: .cancelled
            case .protocolError: .protocolViolation
            case .serverError, .noScript, .outOfMemory: .server
            }
        }

        init(serverCode: String) {
            self =
                switch serverCode {
                case "WRONGPASS", "NOAUTH": .authenticationFailed
                case "NOPERM": .permissionDenied
                case "READONLY": .readOnlyReplica
                case "NOSCRIPT": .noScript
                case "OOM", "MISCONF": .outOfMemory
                default: .serverError
                }
        }
    }

    /// The kind of thing that happened: what to do about it.
    public enum Category: Sendable, Hashable {
        /// Settings or rights are wrong: a person must change something. Retrying does not help.
        case configuration
        /// The program asked for something that cannot be: a defect in it.
        case usage
        /// There is no connection, or it ended: retrying can help.
        case connection
        /// Something took too long: retrying can help.
        case timeout
        /// The waiting task was cancelled.
        case cancelled
        /// The other side does not speak RESP2.
        case protocolViolation
        /// The server carried out or refused the command and says so.
        case server
    }

    /// The kind of thing that happened.
    public var category: Category { code.category }
}

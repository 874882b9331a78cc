import RedisClient
import Reprise

/// Says what a failure of Redis means for the caller, and what to do about it.
struct ErrorMapping: Sendable {
    let keys: Keys

    /// The reply, unless it is an error.
    func checked(_ reply: RedisReply) throws(BackendError) -> RedisReply {
        guard let error = reply.serverError else { return reply }
        throw mapped(RedisError(server: error))
    }

    func mapped(_ error: RedisError) -> BackendError {
        if let server = error.serverError { return mapped(server) }
        switch error.code {
        case .cancelled:
            return BackendError(.cancelled, "the task was cancelled")
        case .clientShutDown:
            return BackendError(.cancelled, "the backend was shut down")
        case .authenticationFailed, .permissionDenied, .readOnlyReplica, .outOfMemory:
            return mapped(RedisServerError(message: error.message))
        case .unexpectedReply:
            return corrupt(error.message)
        default:
            break
        }
        switch error.category {
        case .configuration, .usage: return BackendError(.misconfigured, error.message)
        default: return BackendError(.unavailable, "Redis can't be reached: \(error.message)")
        }
    }

    func corrupt(_ message: String, run: RunID? = nil) -> BackendError {
        BackendError(.corrupt, "the keys under \(keys.base) hold something unexpected: \(message)", run: run)
    }

    private func mapped(_ error: RedisServerError) -> BackendError {
        switch Self.code(of: error) {
        case "WRONGPASS", "NOAUTH":
            return BackendError(
                .misconfigured, "Redis refuses the password: check user and password in the URL (\(error.message))")
        case "NOPERM":
            return BackendError(
                .misconfigured,
                "the Redis user lacks a permission: give it the rules of its role, worker, client or observer, which are in "
                    + "docs/security.md under Access, with ~\(keys.base)* and &\(keys.base)* (\(error.message))")
        case "READONLY":
            return BackendError(
                .misconfigured, "this Redis is a read-only replica: give the URL of the primary (\(error.message))")
        case "OOM":
            return BackendError(
                .outOfMemory,
                "Redis is at its maxmemory, and takes no new work until there is room: raise it, or shorten the retention; "
                    + "what was started goes on (\(error.message))")
        case "MISCONF":
            return BackendError(
                .unavailable, "Redis can't persist and refuses writes: look into its log (\(error.message))")
        case "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS", "UNKILLABLE":
            return BackendError(.unavailable, "Redis can't serve now: \(error.message)")
        case "NOSCRIPT":
            return BackendError(
                .unavailable,
                "Redis forgets scripts as soon as they are brought: who sends SCRIPT FLUSH? (\(error.message))")
        case "MOVED", "ASK", "CROSSSLOT":
            return BackendError(
                .misconfigured,
                "this Redis is a Cluster, which isn't supported: give a stand-alone Redis "
                    + "(\(error.message))")
        default:
            if error.message.lowercased().contains("unknown command") {
                return BackendError(.misconfigured, "Redis 6.2 or later, or Valkey, is needed (\(error.message))")
            }
            if error.message.contains("max number of clients") {
                return BackendError(.unavailable, "Redis takes no more connections: raise its maxclients")
            }
            return corrupt(error.message)
        }
    }

    /// The code of an error. Redis 6 hides that of a script's call inside its message, and so do scripts that do many things.
    private static func code(of error: RedisServerError) -> String {
        if error.code != "ERR" { return error.code }
        for code in [
            "OOM", "READONLY", "NOPERM", "MISCONF", "WRONGTYPE", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS",
        ]
        where error.message.contains("-\(code) ") { return code }
        // Redis 6 in a script, and Redis 7 for a command of a script.
        let message = error.message.lowercased()
        if message.contains("can't run this command") || message.contains("the user executing the script can't")
            || message.contains("no permission")
            || message.contains("acl failure in script")
        {
            return "NOPERM"
        }
        return error.code
    }
}

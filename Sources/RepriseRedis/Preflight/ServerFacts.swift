import Foundation
import RedisClient
import Reprise

/// What a server says of itself, as far as the user may ask.
struct ServerFacts {
    /// `INFO`, by field; `nil` if it is refused.
    var info: [String: String]?
    /// `CONFIG GET` of ``asked``; `nil` if it is refused.
    var settings: [String: String]?
    /// How far the server's clock is ahead of this machine's.
    var clockAhead: Duration?
    /// The user, if it may know its name.
    var user: String?
    /// The commands that the user needs and may not call.
    var refusedCommands: [String] = []
    /// Whether keys of the namespace are refused.
    var refusesKeys = false
    /// Whether channels of the namespace are refused.
    var refusesChannels = false

    static let asked = [
        "maxmemory-policy", "maxmemory", "appendonly", "appendfsync", "save", "min-replicas-to-write",
        "stream-node-max-bytes",
    ]

    /// A setting, by `CONFIG`, or by what `INFO` calls it.
    func setting(_ name: String, orInfo field: String? = nil) -> String? {
        settings?[name] ?? field.flatMap { info?[$0] }
    }

    func number(_ field: String) -> Int? { info?[field].flatMap { Int($0) } }
}

extension ServerFacts {
    /// Asks the server.
    init(of backend: RedisBackend, for roles: [RedisRole]) async throws(BackendError) {
        var commands = [RedisCommand("INFO"), RedisCommand("TIME"), RedisCommand("ACL", "WHOAMI")]
        commands += Self.asked.map { RedisCommand("CONFIG", "GET", $0) }
        let replies: [RedisReply]
        do throws(RedisError) {
            replies = try await backend.client.pipeline(commands)
        } catch {
            throw backend.errors.mapped(error)
        }
        let local = Date.now
        info = (try? replies[0].asString).map(Self.fields)
        if let parts = try? replies[1].asArray, let seconds = try? parts.first?.asInt {
            let difference = Double(seconds) - local.timeIntervalSince1970
            clockAhead = .milliseconds(Int64(difference * 1000))
        }
        user = try? replies[2].asString
        var settings: [String: String] = [:]
        for reply in replies[3...] {
            guard let pair = try? reply.asArray, pair.count == 2, let name = try? pair[0].asString else { continue }
            settings[name] = try? pair[1].asString
        }
        self.settings = settings.isEmpty ? nil : settings
        // What can't serve now or isn't a Redis of its own is told by INFO.
        guard info?["role"] != "slave", info?["cluster_enabled"] != "1" else { return }
        try await askForRights(of: roles, backend)
        if roles.contains(.worker) || roles.contains(.client) {
            try await askForChannel(backend.keys.replies("preflight"), backend)
        }
        if roles.contains(.worker) {
            try await askForChannel(backend.keys.cancels("preflight"), backend)
            try await askForBlocking(backend)
        }
    }

    private mutating func askForRights(of roles: [RedisRole], _ backend: RedisBackend) async throws(BackendError) {
        let reply: RedisReply
        do {
            reply = try await backend.runner.send(
                backend.runner.call(backend.scripts.rights, roles.map(\.letter).joined()))
        } catch {
            // So little is allowed that no script runs; the message says what.
            guard error.code == .misconfigured, error.message.contains("lacks a permission") else { throw error }
            if error.message.contains("permissions to run") {
                refusedCommands = ["evalsha", "script|load"]
            } else {
                refusesKeys = true
            }
            return
        }
        var cursor = try ReplyCursor(reply, backend.errors)
        while !cursor.isAtEnd {
            let word = try cursor.string()
            switch try cursor.string() {
            case "key": refusesKeys = true
            case "channel": refusesChannels = true
            default: refusedCommands.append(word.lowercased())
            }
        }
    }

    /// Waits for nothing, for a millisecond: scripts of older servers can't.
    private mutating func askForBlocking(_ backend: RedisBackend) async throws(BackendError) {
        do throws(RedisError) {
            try await backend.client.send(RedisCommand("BLPOP", backend.keys.inbox("preflight"), "0.001"))
        } catch {
            guard error.code == .permissionDenied else { throw backend.errors.mapped(error) }
            if !error.message.contains("keys") { refusedCommands.append("blpop") }
        }
    }

    /// Subscribes to a channel, and ends it at once.
    private mutating func askForChannel(_ channel: String, _ backend: RedisBackend) async throws(BackendError) {
        let client = backend.client
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { for try await _ in client.subscribe(to: channel) { return } }
                // A subscription outlasts any outage; who asks wants to hear of it.
                group.addTask {
                    try await Task.sleep(for: client.configuration.commandTimeout)
                    throw BackendError(.unavailable, "the server doesn't answer a subscription")
                }
                try await group.next()
            }
        } catch let error as RedisError where error.code == .permissionDenied {
            if error.message.contains("channel") {
                refusesChannels = true
            } else if !refusedCommands.contains("subscribe") {
                refusedCommands.append("subscribe")
            }
        } catch let error as RedisError {
            throw backend.errors.mapped(error)
        } catch {
            throw error as? BackendError ?? BackendError(.cancelled, "the task was cancelled")
        }
    }

    /// Reads `INFO`.
    private static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return fields
    }
}

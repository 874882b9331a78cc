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
    /// The commands of the scripts that the user may not call.
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
    init(of backend: RedisBackend) async throws(BackendError) {
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
        if info?["role"] != "slave", info?["cluster_enabled"] != "1" { try await askForRights(backend) }
    }

    private mutating func askForRights(_ backend: RedisBackend) async throws(BackendError) {
        let reply: RedisReply
        do {
            reply = try await backend.runner.send(backend.runner.call(backend.scripts.rights))
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

import Foundation
import RedisClient
import RedisTestServer
import RepriseRedis
import Testing

/// The Redis users that docs/security.md gives to the roles, in the namespace `billing`.
struct Roles {
    let site: Site
    let worker: RedisBackend
    let client: RedisBackend
    let observer: RedisBackend

    /// Runs a test with a Redis that has these users, by the very lines of the document, then checks the invariants.
    static func with(_ body: (Roles) async throws -> Void) async throws {
        try await Site.with(["--appendonly", "yes"], namespace: "billing") { site in
            for rule in try rules() {
                try await site.redis.send(RedisCommand(arguments: rule.split(separator: " ").map(String.init)))
            }
            let roles = Roles(
                site: site, worker: try backend("worker", site), client: try backend("client", site),
                observer: try backend("observer", site))
            let result: Result<Void, any Error>
            do { result = .success(try await body(roles)) } catch { result = .failure(error) }
            for backend in [roles.worker, roles.client, roles.observer] { await backend.shutdown() }
            try result.get()
        }
    }

    /// The lines of the document that make the users.
    static func rules() throws -> [String] {
        let root = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
        let text = try String(contentsOf: root.appending(path: "docs/security.md"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("ACL SETUSER billing-") && $0.contains(" on ") }
            .map(String.init)
    }

    /// The commands that a role's line allows, as scripts call them.
    static func commands(of role: String) throws -> Set<String> {
        let rule = try #require(try rules().first { $0.hasPrefix("ACL SETUSER billing-\(role) ") })
        return Set(rule.split(separator: " ").filter { $0.hasPrefix("+") }.map { $0.dropFirst().uppercased() })
    }

    func backend(_ role: RedisRole) -> RedisBackend {
        switch role {
        case .worker: worker
        case .client: client
        case .observer: observer
        }
    }

    static func url(_ role: String, _ site: Site) -> String {
        "redis://billing-\(role):PASSWORD@127.0.0.1:\(site.server.port)"
    }

    private static func backend(_ role: String, _ site: Site) throws -> RedisBackend {
        try RedisBackend(url: url(role, site), namespace: "billing")
    }

    /// What Redis refused to its users so far.
    func refusals() async throws -> [String] {
        try await site.redis.send(["ACL", "LOG"]).asArray.map { entry in
            try entry.asArray.map { (try? $0.asString) ?? "" }.prefix(8).joined(separator: " ")
        }
    }

    /// All that Redis holds, by key.
    func contents() async throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for key in try await site.allKeys() { contents[key] = try await site.redis.send(["DUMP", key]).asBytes }
        return contents
    }
}

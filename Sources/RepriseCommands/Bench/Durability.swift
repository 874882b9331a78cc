import ArgumentParser
import RedisClient
import Reprise

/// How soon a Redis has what it was told on disk.
enum Durability: String, CaseIterable, ExpressibleByArgument, Sendable {
    case off, everysec, always

    /// What a Redis is set to; `no` is a log that is written when the system likes to.
    ///
    /// - Throws: if its user may not read that.
    static func current(of redis: RedisClient) async throws(RedisError) -> String {
        let values = try await settings(of: redis)
        return values["appendonly"] == "yes" ? values["appendfsync", default: "unknown"] : "off"
    }

    /// Runs a body with a Redis set to this, and sets it back afterwards, also if the task is cancelled.
    ///
    /// - Throws: `misconfigured` if its user may not do that; what the body throws.
    func during<Value: Sendable>(_ redis: RedisClient, _ body: () async throws -> Value) async throws -> Value {
        let before: [String: String]
        do throws(RedisError) {
            before = try await Durability.settings(of: redis)
            try await Durability.set(settings, on: redis)
        } catch {
            throw BackendError(.misconfigured, "the durability can't be set on this Redis: \(error.message)")
        }
        let result: Result<Value, any Error>
        do {
            try await Durability.finishRewriting(redis)
            result = .success(try await body())
        } catch { result = .failure(error) }
        await Task {
            do throws(RedisError) { try await Durability.set(before, on: redis) } catch {
                StandardError.tell("the Redis is not set back to \(before), that failed: \(error.message)")
            }
        }.value
        return try result.get()
    }

    private var settings: [String: String] {
        self == .off ? ["appendonly": "no"] : ["appendonly": "yes", "appendfsync": rawValue]
    }

    private static func settings(of redis: RedisClient) async throws(RedisError) -> [String: String] {
        var values: [String: String] = [:]
        for name in ["appendonly", "appendfsync"] {
            values[name] = try await redis.send(["CONFIG", "GET", name]).asArray.last?.asString
        }
        return values
    }

    private static func set(_ values: [String: String], on redis: RedisClient) async throws(RedisError) {
        for (name, value) in values { try await redis.send(["CONFIG", "SET", name, value]) }
    }

    /// Returns when the log isn't being written anew: as a whole after it was turned on, and shorter when it has got long.
    /// At once if the Redis' user may not read that.
    static func finishRewriting(_ redis: RedisClient) async throws {
        while let info = (try? await redis.send(["INFO", "persistence"]).asString).map(ServerReading.fields) {
            guard info["aof_rewrite_in_progress"] == "1" || info["aof_rewrite_scheduled"] == "1" else { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

public import ArgumentParser
import Foundation
import RedisClient
import Reprise

/// Which Redis a command is for.
public struct RedisServerOptions: ParsableArguments {
    @Option(
        help:
            "The Redis, as redis://user:password@host:port/db, rediss://… or unix:///path. Default: $REDIS_URL, or localhost."
    )
    var redis: String?

    /// Not the option's default value: `--help` would print it, with its password.
    var url: String { redis ?? ProcessInfo.processInfo.environment["REDIS_URL"] ?? "redis://localhost:6379" }

    /// Makes options that are to be parsed.
    public init() {}

    /// Runs what a command does with the Redis.
    ///
    /// - Throws: `ExitCode.failure` after a message of one line, if the Redis can't be used.
    func reportingFailure(_ body: () async throws -> Void) async throws {
        let message: String
        do { return try await body() } catch let error as BackendError {
            message = error.message
        } catch let error as RedisError {
            message = error.message
        }
        StandardError.tell(message)
        throw ExitCode.failure
    }
}

public import ArgumentParser
import Foundation
import Logging
import Reprise
import RepriseRedis

/// Which Redis and which namespace a command is for.
public struct RedisOptions: ParsableArguments {
    @Option(help: "The Redis, as redis://user:password@host:port/db, rediss://… or unix:///path. Default: $REDIS_URL.")
    var redis = ProcessInfo.processInfo.environment["REDIS_URL"] ?? "redis://localhost:6379"

    @Option(help: "The namespace, as the workers' RedisBackend has it.")
    var namespace = "reprise"

    /// Makes options that are to be parsed.
    public init() {}

    /// Runs a command against the Redis, and closes the connections after it.
    ///
    /// - Throws: `ExitCode.failure` after a message of one line, if the Redis can't be used.
    func withBackend(_ body: (RedisBackend) async throws -> Void) async throws {
        do {
            let backend = try RedisBackend(url: redis, namespace: namespace, logger: .quiet)
            let result: Result<Void, any Error>
            do {
                try await backend.connect()
                result = .success(try await body(backend))
            } catch { result = .failure(error) }
            await backend.shutdown()
            try result.get()
        } catch let error as BackendError {
            FileHandle.standardError.write(Data("reprise: \(error.message.printable)\n".utf8))
            throw ExitCode.failure
        }
    }
}

extension Logger {
    /// What goes wrong is told by the command itself.
    fileprivate static var quiet: Logger { Logger(label: "reprise") { _ in SwiftLogNoOpLogHandler() } }
}

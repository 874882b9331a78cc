import ArgumentParser
import Foundation
import Logging
import RedisClient
import Reprise
import RepriseRedis

/// Which Redis to use.
struct RedisOptions: ParsableArguments {
    @Option(help: "The Redis, as redis://user:password@host:port/db, rediss://… or unix:///path.")
    var redis = ProcessInfo.processInfo.environment["REDIS_URL"] ?? "redis://localhost:6379"

    /// Runs a command against the Redis, and closes the connections after it.
    ///
    /// - Parameter mayWait: whether to go on when the Redis isn't there yet: a worker waits for it, a person doesn't want to.
    /// - Throws: `ExitCode.failure` after a message, if the Redis can't be used.
    func withBackend(
        mayWait: Bool = false, _ body: (RedisBackend, RedisLedger) async throws -> Void
    ) async throws {
        do {
            let backend = try RedisBackend(url: redis, namespace: "subscription-demo", logger: .demo)
            let client = RedisClient(configuration: try RedisConfiguration(url: redis), logger: .demo)
            let result = await Result {
                if !mayWait { try await client.connect() }
                try await body(backend, RedisLedger(client: client))
            }
            await backend.shutdown()
            await client.shutdown()
            try result.get()
        } catch let error as BackendError {
            throw failed(error)
        } catch let error as RedisError {
            throw failed(error)
        } catch let error as InvalidArgument {
            throw failed(error)
        } catch let error as WorkflowFailure {
            throw failed(error)
        }
    }

    private func failed(_ error: any Error) -> ExitCode {
        FileHandle.standardError.write(Data("subscription: \("\(error)".printable)\n".utf8))
        return .failure
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

extension Logger {
    /// Warnings and errors, to standard error.
    static var demo: Logger {
        var logger = Logger(label: "subscription") { label in StreamLogHandler.standardError(label: label) }
        logger.logLevel = .warning
        return logger
    }
}

public import ArgumentParser
import Logging
import Reprise
import RepriseRedis

/// Which Redis and which namespace a command is for.
public struct RedisOptions: ParsableArguments {
    @OptionGroup var server: RedisServerOptions

    @Option(help: "The namespace, as the workers' RedisBackend has it.")
    var namespace = "reprise"

    /// Makes options that are to be parsed.
    public init() {}

    /// Runs a command against the Redis, and closes the connections after it.
    ///
    /// - Throws: `ExitCode.failure` after a message of one line, if the Redis can't be used.
    func withBackend(_ body: (RedisBackend) async throws -> Void) async throws {
        try await server.reportingFailure {
            let backend = try RedisBackend(url: server.url, namespace: namespace, logger: .quiet)
            let result: Result<Void, any Error>
            do {
                try await backend.connect()
                result = .success(try await body(backend))
            } catch { result = .failure(error) }
            await backend.shutdown()
            try result.get()
        }
    }
}

extension Logger {
    /// What goes wrong is told by the command itself.
    static var quiet: Logger { Logger(label: "reprise") { _ in SwiftLogNoOpLogHandler() } }
}

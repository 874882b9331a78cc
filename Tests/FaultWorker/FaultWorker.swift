import Foundation
import Logging
import RedisClient
import Reprise
import RepriseRedis
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A worker process for the fault tests. Arguments: the URL of Redis and of the ledger's, namespace, lease and command
/// timeout in milliseconds, name.
/// It ends with its standard input, whatever it is doing.
@main
struct FaultWorker {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 7, let lease = Int(arguments[4]), let timeout = Int(arguments[5]) else {
            FileHandle.standardError.write(
                Data("usage: FaultWorker <url> <ledger url> <namespace> <lease ms> <timeout ms> <name>\n".utf8))
            exit(64)
        }
        let (namespace, name) = (arguments[3], arguments[6])
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(0, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { exit(3) }
            }
        }
        // The runtime's crash report would keep a trapped process for seconds.
        for trap in [SIGILL, SIGTRAP] { signal(trap, SIG_DFL) }
        var logger = Logger(label: name) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info

        var configuration = try RedisConfiguration(url: arguments[1])
        configuration.commandTimeout = .milliseconds(timeout)
        configuration.connectTimeout = .milliseconds(timeout)
        // Disturbances are many: it comes back soon.
        configuration.backoff.maximum = .milliseconds(200)
        let backend = try RedisBackend(configuration: configuration, namespace: namespace, logger: logger)
        let store = FaultStore(
            client: RedisClient(configuration: try RedisConfiguration(url: arguments[2])), namespace: namespace)
        FailPoint.use(store, worker: name)
        let worker = try Worker(
            backend: backend,
            options: .init(
                name: name, maxConcurrentTurns: 8, maxConcurrentActivities: 8, lease: .milliseconds(lease),
                turnRetry: .fixed(.milliseconds(100), attempts: 5)),
            logger: logger
        ) {
            Load.self
            Twig.self
            Held.self
            Poison.self
            Fickle.self
            Stumbling.self
            Neighbour.self
            Implementations(store: store, worker: name)
        }
        try await ServiceGroup(services: [worker], gracefulShutdownSignals: [.sigterm], logger: logger).run()
    }
}

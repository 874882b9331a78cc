import Foundation
import RedisTestServer

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A worker of the fault tests as a process of its own. It is killed when this process ends, however that happens.
final class WorkerProcess: Sendable {
    let name: String
    private let process: WatchedProcess
    private let logFile: String

    /// - Parameter url: the way to Redis, if it isn't the site's.
    init(name: String, at site: FaultSite, url: String?) throws {
        self.name = name
        logFile = site.server.folder.appending(path: "\(site.namespace)-\(name).log").path
        process = try WatchedProcess(
            try BuiltProgram.path("FaultWorker"),
            [
                url ?? site.url, site.ledger.url, site.namespace, Self.milliseconds(site.lease),
                Self.milliseconds(site.commandTimeout), name,
            ],
            folder: "", output: logFile)
    }

    deinit { kill() }

    var log: String { (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? "" }
    var hasExited: Bool { process.hasExited }

    func kill() { process.signal(SIGKILL) }
    func terminate() { process.signal(SIGTERM) }
    func suspend() { process.signal(SIGSTOP) }
    func resume() { process.signal(SIGCONT) }

    /// Waits for its end; 128 and the signal if one ended it.
    @discardableResult
    func exitStatus() async -> Int32 { await process.exited() }

    private static func milliseconds(_ duration: Duration) -> String { String(Int(duration / .milliseconds(1))) }
}

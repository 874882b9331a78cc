public import Foundation
import NIOConcurrencyHelpers

/// A private Redis server for tests: on a free loopback port and a Unix socket, with its data in a temporary folder.
///
/// ```swift
/// let server = try await RedisTestServer.start(["--appendonly", "yes"])
/// defer { server.kill() }
/// ```
///
/// Nothing survives the test process, not even when it crashes: a shell watches a pipe that the test process holds open, and
/// when it closes, the shell kills the server and removes the folder.
///
/// The server binary is the environment's `REPRISE_REDIS_SERVER`, else `redis-server` on the path, else `redis-check-rdb`
/// on the path (the same program, which acts by the name it is called by; Debian's redis-tools has only that).
public final class RedisTestServer: Sendable {
    /// The loopback port: of the plain protocol, or of TLS when the server was started with it.
    public let port: Int
    /// The folder of its data, its log and its certificates.
    public let folder: URL
    /// The certificates, when it was started with TLS.
    public let certificates: TestCertificates?

    private let binary: String
    private let arguments: [String]
    private let running = NIOLockedValueBox<WatchedProcess?>(nil)

    /// The path of its Unix socket, which speaks the plain protocol even when the port speaks TLS.
    public var socketPath: String { folder.appending(path: "redis.sock").path }

    /// The URL of its port.
    public var url: String { certificates == nil ? "redis://127.0.0.1:\(port)" : "rediss://localhost:\(port)" }

    /// Starts a server and returns when it accepts connections.
    ///
    /// - Parameters:
    ///   - arguments: options for `redis-server`, after those that make it private. No snapshots, and an
    ///     append-only file that isn't forced to the disk, unless asked for.
    ///   - tls: whether its port speaks TLS and asks clients for a certificate, with ``certificates`` made for it.
    public static func start(_ arguments: [String] = [], tls: Bool = false) async throws -> RedisTestServer {
        let folder = FileManager.default.temporaryDirectory.appending(path: "redis-test-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        do {
            let binary = try ServerBinary.path(linkingIn: folder)
            let certificates = tls ? try await TestCertificates(in: folder) : nil
            var attempts = 5
            while true {
                let server = RedisTestServer(
                    port: try FreePort.find(), folder: folder, certificates: certificates, binary: binary,
                    arguments: arguments)
                do {
                    try await server.launch()
                    return server
                } catch let error as RedisTestServerError where error.isPortTaken && attempts > 1 {
                    // Somebody was quicker.
                    attempts -= 1
                }
            }
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    private init(port: Int, folder: URL, certificates: TestCertificates?, binary: String, arguments: [String]) {
        self.port = port
        self.folder = folder
        self.certificates = certificates
        self.binary = binary
        self.arguments = arguments
    }

    deinit {
        running.withLockedValue { $0?.abandon() }
    }

    // MARK: Signals

    /// The process id of the server, while it runs.
    public var processIdentifier: Int32? { running.withLockedValue { $0?.id } }

    /// Sends the server a signal, by default 9 (`SIGKILL`: as a power cut would), and returns when it is gone.
    /// Its folder stays for ``restart()``.
    public func kill(_ signal: Int32 = 9) async {
        guard let process = running.withLockedValue({ $0.take() }) else { return }
        process.signal(signal)
        // A stopped process handles no other signal.
        if signal != SIGKILL { process.signal(SIGCONT) }
        await process.exited()
    }

    /// Starts a server that was killed again, on the same port and with the same data, and returns when it accepts
    /// connections. Kills it first if it runs.
    public func restart() async throws {
        await kill()
        try await launch()
    }

    /// Stops the server's process in its tracks (`SIGSTOP`): connections stay open and nothing answers.
    public func suspend() async throws {
        guard let process = running.withLockedValue({ $0 }) else { return }
        process.signal(SIGSTOP)
        #if os(Linux)
            // The state is the field after the name, which stands in parentheses.
            try await Self.wait("the server stops") {
                let stat = (try? String(contentsOfFile: "/proc/\(process.id)/stat", encoding: .utf8)) ?? ""
                return stat.contains(") T ")
            }
        #endif
    }

    /// Lets a suspended server go on (`SIGCONT`).
    public func resume() {
        running.withLockedValue { $0?.signal(SIGCONT) }
    }

    /// Kills the server and removes its folder.
    public func stop() async {
        await kill()
        try? FileManager.default.removeItem(at: folder)
    }

    // MARK: Starting

    /// What the server has logged.
    public var log: String {
        (try? String(contentsOf: folder.appending(path: "redis.log"), encoding: .utf8)) ?? ""
    }

    private func launch() async throws {
        let log = folder.appending(path: "redis.log").path
        let logged = self.log.utf8.count
        var options = [
            "--bind", "127.0.0.1", "--dir", folder.path, "--logfile", log, "--unixsocket", socketPath,
            "--save", "", "--daemonize", "no",
            // A worker refuses a Redis that keeps nothing. The disk is not waited for.
            "--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0",
        ]
        if let certificates {
            options += [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", certificates.serverCertificate,
                "--tls-key-file", certificates.serverKey, "--tls-ca-cert-file", certificates.authority,
            ]
        } else {
            options += ["--port", "\(port)"]
        }
        let process = try WatchedProcess(binary, options + arguments, folder: folder.path)
        running.withLockedValue { $0 = process }
        try await Self.wait("the server accepts connections") {
            // What earlier servers in this folder logged does not count.
            let news = String(decoding: self.log.utf8.dropFirst(logged), as: UTF8.self)
            if news.contains("eady to accept connections") { return true }
            guard !process.hasExited else { throw RedisTestServerError("redis-server did not start: \(news)") }
            return false
        }
    }

    private static func wait(_ what: String, _ condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !condition() {
            guard ContinuousClock.now < deadline else { throw RedisTestServerError("waited in vain until \(what)") }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

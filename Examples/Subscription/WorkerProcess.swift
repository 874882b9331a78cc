import Foundation

/// The demo's worker: a process of its own, which ends with the one that started it, however that ends. When it is
/// killed, another takes its place.
actor WorkerProcess {
    private let redis: String
    private var process: Process?
    private var input = Pipe()
    private var isStopping = false

    init(redis: String) { self.redis = redis }

    /// - Parameter crashes: whether it is to die after the first charge.
    func start(crashes: Bool) throws {
        let process = Process()
        process.executableURL = Bundle.main.executableURL
        // Seconds, not the default's half minute: a demo should not make people wait.
        process.arguments = ["worker", "--redis", redis, "--lease", "2", "--until-input-ends"]
        if crashes { process.arguments?.append("--crash") }
        input = Pipe()
        process.standardInput = input
        process.terminationHandler = { ended in
            guard ended.terminationReason == .uncaughtSignal else { return }
            Task { await self.replace() }
        }
        try process.run()
        self.process = process
        print("worker started as process \(process.processIdentifier)")
    }

    /// Lets it drain, and waits for its end.
    func stop() {
        isStopping = true
        try? input.fileHandleForWriting.close()
        process?.waitUntilExit()
    }

    private func replace() {
        guard !isStopping else { return }
        print("  the worker was killed; another one takes over")
        do { try start(crashes: false) } catch { print("  no worker could be started: \(error)") }
    }
}

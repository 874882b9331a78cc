import Foundation
import Reprise

/// A worker in a process of its own: this program once more, with the same arguments and ``option``.
///
/// It works until its standard input ends, so that it ends when this process does, however that happens.
final class WorkerProcess: Sendable {
    /// What it is told to be a worker by, with the namespace after it.
    static let option = "worker-in"

    private let process: Process
    private let input: FileHandle
    private let output: FileHandle

    /// - Parameter namespace: where it is to work.
    init(namespace: String) throws {
        guard let program = Bundle.main.executableURL else {
            throw BackendError(
                .misconfigured, "this system doesn't tell where the program is: no process can be started")
        }
        // If it has ended, writing to it is an error, and not the end of this process.
        signal(SIGPIPE, SIG_IGN)
        let (input, output) = (Pipe(), Pipe())
        process = Process()
        process.executableURL = program
        process.arguments = CommandLine.arguments.dropFirst() + ["--\(Self.option)", namespace]
        process.standardInput = input
        process.standardOutput = output
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        // Another child would hold it open.
        _ = fcntl(self.input.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try process.run()
        // What it writes must end when it does.
        try output.fileHandleForWriting.close()
    }

    /// What it has used so far; the first one when it works.
    func reading() async throws -> WorkerReading {
        let output = output
        try input.write(contentsOf: Data("\n".utf8))
        let line = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: WorkerProcess.readLine(output.fileDescriptor)) }
        }
        guard !line.isEmpty else { throw BackendError(.unavailable, "a process of a worker has ended") }
        return try JSONDecoder().decode(WorkerReading.self, from: Data(line))
    }

    /// Lets it hand back what it has, and waits for its end.
    func end() async {
        try? input.close()
        let process = process
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                process.waitUntilExit()
                continuation.resume()
            }
        }
    }

    private static func readLine(_ descriptor: Int32) -> [UInt8] {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return line
    }
}

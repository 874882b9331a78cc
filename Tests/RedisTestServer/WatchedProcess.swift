import Foundation
import NIOConcurrencyHelpers

/// A process that cannot outlive this one: beside it runs a shell that kills it when a pipe closes whose other end only this
/// process has. The process can watch the same pipe: it is its standard input.
package final class WatchedProcess: Sendable {
    private enum State {
        case running([CheckedContinuation<Int32, Never>])
        case exited(Int32)
    }

    package let id: Int32
    private let lifeline: FileHandle
    private let state = NIOLockedValueBox(State.running([]))

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - folder: removed as well when this process ends without having stopped it.
    ///   - output: a file to which its output and its errors are appended; `nil` drops them.
    package init(_ executable: String, _ arguments: [String], folder: String, output: String? = nil) throws {
        let pipe = Pipe()
        // Or other children would hold it open as well.
        for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        lifeline = pipe.fileHandleForWriting
        let process = try ChildProcess(
            executable, arguments, input: pipe.fileHandleForReading.fileDescriptor, output: output)
        id = process.id
        let watchdog = try ChildProcess(
            "/bin/sh", ["-c", #"read line; kill -9 "$1"; rm -rf "$2""#, "sh", "\(process.id)", folder],
            input: pipe.fileHandleForReading.fileDescriptor, group: true)
        Task { [weak self] in
            let status = await process.exitStatus()
            kill(watchdog.id, SIGKILL)
            _ = await watchdog.exitStatus()
            self?.finish(status)
        }
    }

    deinit {
        abandon()
    }

    package var hasExited: Bool {
        state.withLockedValue { if case .exited = $0 { true } else { false } }
    }

    /// Sends a signal, unless the process has ended.
    package func signal(_ signal: Int32) {
        state.withLockedValue { state in
            guard case .running = state else { return }
            _ = kill(id, signal)
        }
    }

    /// Waits for the end of the process, and returns its exit status; 128 and the signal if one ended it.
    @discardableResult
    package func exited() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = state.withLockedValue { state -> Int32? in
                switch state {
                case .exited(let status): return status
                case .running(let waiting):
                    state = .running(waiting + [continuation])
                    return nil
                }
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Lets go: the shell kills the process and removes its folder.
    package func abandon() {
        try? lifeline.close()
    }

    private func finish(_ status: Int32) {
        let waiting = state.withLockedValue { state -> [CheckedContinuation<Int32, Never>] in
            defer { state = .exited(status) }
            if case .running(let waiting) = state { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }
}

import Foundation
import NIOConcurrencyHelpers

/// A process that cannot outlive this one: beside it runs a shell that kills it when a pipe closes whose other end only this
/// process has.
final class WatchedProcess: Sendable {
    private enum State {
        case running([CheckedContinuation<Void, Never>])
        case exited
    }

    let id: Int32
    private let lifeline: FileHandle
    private let state = NIOLockedValueBox(State.running([]))

    /// - Parameter folder: removed as well when this process ends without having stopped it.
    init(_ executable: String, _ arguments: [String], folder: String) throws {
        let pipe = Pipe()
        // Or other children would hold it open as well.
        for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        lifeline = pipe.fileHandleForWriting
        let process = try ChildProcess(executable, arguments)
        id = process.id
        let watchdog = try ChildProcess(
            "/bin/sh", ["-c", #"read line; kill -9 "$1"; rm -rf "$2""#, "sh", "\(process.id)", folder],
            input: pipe.fileHandleForReading.fileDescriptor, group: true)
        Task { [weak self] in
            _ = await process.exitStatus()
            kill(watchdog.id, SIGKILL)
            _ = await watchdog.exitStatus()
            self?.finish()
        }
    }

    deinit {
        abandon()
    }

    var hasExited: Bool {
        state.withLockedValue { if case .exited = $0 { true } else { false } }
    }

    /// Sends a signal, unless the process has ended.
    func signal(_ signal: Int32) {
        state.withLockedValue { state in
            guard case .running = state else { return }
            _ = kill(id, signal)
        }
    }

    /// Waits for the end of the process.
    func exited() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLockedValue { state in
                guard case .running(let waiting) = state else { return true }
                state = .running(waiting + [continuation])
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Lets go: the shell kills the process and removes its folder.
    func abandon() {
        try? lifeline.close()
    }

    private func finish() {
        let waiting = state.withLockedValue { state -> [CheckedContinuation<Void, Never>] in
            defer { state = .exited }
            if case .running(let waiting) = state { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume() }
    }
}

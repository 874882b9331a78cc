import Foundation
import NIOConcurrencyHelpers
import RedisTestServer

/// Cuts the power of a Redis with `appendfsync everysec`. Killing a process isn't enough: what it has written survives it
/// in the system's memory. So this keeps in mind how long the append-only file was, and cuts off what the disk would not
/// have got.
final class PowerCut: Sendable {
    private struct Length {
        var time: ContinuousClock.Instant
        var bytes: UInt64
    }

    private let server: RedisTestServer
    private let lengths = NIOLockedValueBox<[Length]>([])
    private let watching = NIOLockedValueBox<Task<Void, Never>?>(nil)

    init(_ server: RedisTestServer) {
        self.server = server
        watching.withLockedValue { $0 = Task { [weak self] in await self?.watch() } }
    }

    deinit { watching.withLockedValue { $0?.cancel() } }

    /// Kills the server, and takes from it what it wrote within a time before.
    ///
    /// - Returns: when it was killed.
    func cut(losing duration: Duration) async throws -> ContinuousClock.Instant {
        let end = ContinuousClock.now
        await server.kill()
        let kept = lengths.withLockedValue { lengths in
            defer { lengths = [] }
            return lengths.last { $0.time <= end - duration } ?? lengths.first
        }
        guard let kept, let file = file() else { throw NeverHappened(description: "there is no append-only file") }
        let handle = try FileHandle(forWritingTo: file)
        try handle.truncate(atOffset: kept.bytes)
        try handle.close()
        return end
    }

    private func watch() async {
        while !Task.isCancelled {
            let time = ContinuousClock.now
            if let bytes = try? file()?.resourceValues(forKeys: [.fileSizeKey]).fileSize {
                lengths.withLockedValue { $0.append(Length(time: time, bytes: UInt64(bytes))) }
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The file that grows: in a folder since Redis 7.
    private func file() -> URL? {
        let folders = [server.folder.appending(path: "appendonlydir"), server.folder]
        let files = folders.flatMap { folder in
            (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        }
        return files.first { $0.path.hasSuffix(".incr.aof") } ?? files.first { $0.path.hasSuffix("appendonly.aof") }
    }
}

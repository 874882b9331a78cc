import Foundation
import RedisClient
import Reprise
import RepriseRedis

/// What a ``WorkerProcess`` does.
enum BenchWorker {
    /// Works until the standard input ends; for each line of it, prints what was used so far.
    static func run(_ configuration: RedisConfiguration, in namespace: String) async throws {
        let backend = try RedisBackend(
            configuration: configuration, namespace: namespace, retention: BenchSite.retention, logger: .quiet)
        let worker = try BenchSite.worker(backend)
        let result: Result<Void, any Error>
        do {
            try await backend.connect()
            try await withThrowingTaskGroup { group in
                group.addTask { try await worker.run() }
                group.addTask { await answerReadings(of: backend) }
                defer { group.cancelAll() }
                try await group.next()
            }
            result = .success(())
        } catch { result = .failure(error) }
        await backend.shutdown()
        try result.get()
    }

    private static func answerReadings(of backend: RedisBackend) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                while readLine() != nil {
                    let reading = WorkerReading(cpu: UsageReading.processCPU, statistics: backend.statistics)
                    // It always encodes.
                    FileHandle.standardOutput.write(try! JSONEncoder().encode(reading) + Data("\n".utf8))
                }
                continuation.resume()
            }
        }
    }
}

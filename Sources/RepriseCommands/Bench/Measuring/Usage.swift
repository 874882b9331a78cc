import Foundation
import RedisClient
import RepriseRedis

/// What something has used: of this process and those of workers, their connections and the Redis.
struct UsageReading: Sendable {
    var cpu: Double
    var connections: [RedisStatistics]
    var server: ServerReading

    /// - Parameters:
    ///   - connections: those that count.
    ///   - processes: those that count, too.
    init(_ redis: RedisClient, _ connections: [RedisStatistics], _ processes: [WorkerProcess] = []) async throws {
        server = try await ServerReading(redis)
        cpu = UsageReading.processCPU
        self.connections = connections
        for process in processes {
            let reading = try await process.reading()
            cpu += reading.cpu
            self.connections.append(reading.statistics)
        }
    }

    /// CPU time of this process, in seconds.
    static var processCPU: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// What one workflow used. What the Redis' user may not read is `nil`.
struct Usage: Encodable, Sendable {
    /// CPU time of client and workers, in milliseconds.
    var processCPU: Double
    /// CPU time of the Redis' thread that runs commands, in milliseconds.
    var redisCPU: Double?
    /// Commands in Redis, those inside scripts included, script calls not.
    var commands: Double?
    /// Script calls in Redis.
    var scripts: Double?
    /// Commands sent.
    var calls: Double
    /// How often something was written to a connection, however many commands at once. Of workflows that run one at a time
    /// these are the round trips.
    var bursts: Double
    /// Bytes sent, before TLS.
    var bytesSent: Double
    /// Bytes received, after TLS.
    var bytesReceived: Double
    /// Bytes that the Redis has more in use.
    var memory: Double?

    init(from before: UsageReading, to after: UsageReading, per count: Int) {
        let count = Double(max(count, 1))
        func difference<Number>(_ value: (ServerReading) -> Number?, _ read: (Number) -> Double) -> Double? {
            guard let first = value(before.server), let last = value(after.server) else { return nil }
            return (read(last) - read(first)) / count
        }
        let connections = zip(after.connections, before.connections).map { $0 - $1 }
        func sum(_ value: (RedisStatistics) -> Int) -> Double { Double(connections.map(value).reduce(0, +)) / count }
        processCPU = (after.cpu - before.cpu) * 1000 / count
        redisCPU = difference(\.cpu) { $0 * 1000 }
        commands = difference(\.commands, Double.init)
        scripts = difference(\.scripts, Double.init)
        calls = sum(\.commands)
        bursts = sum(\.flushes)
        bytesSent = sum(\.bytesSent)
        bytesReceived = sum(\.bytesReceived)
        memory = difference(\.memory, Double.init)
    }
}

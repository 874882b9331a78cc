import Synchronization

/// The counters behind ``RedisStatistics``, shared by all connections of a client.
final class StatisticsCounters: Sendable {
    private let commands = Atomic(0)
    private let flushes = Atomic(0)
    private let bytesSent = Atomic(0)
    private let bytesReceived = Atomic(0)
    private let connections = Atomic(0)

    func flushed(commands count: Int, bytes: Int) {
        commands.add(count, ordering: .relaxed)
        flushes.add(1, ordering: .relaxed)
        bytesSent.add(bytes, ordering: .relaxed)
    }

    func received(bytes: Int) {
        bytesReceived.add(bytes, ordering: .relaxed)
    }

    func connected() {
        connections.add(1, ordering: .relaxed)
    }

    var reading: RedisStatistics {
        RedisStatistics(
            commands: commands.load(ordering: .relaxed),
            flushes: flushes.load(ordering: .relaxed),
            bytesSent: bytesSent.load(ordering: .relaxed),
            bytesReceived: bytesReceived.load(ordering: .relaxed),
            connections: connections.load(ordering: .relaxed)
        )
    }
}

import RedisClient
import RepriseRedis

/// How a workload went once.
struct Measurement: Encodable, Sendable {
    /// How many workflows ran, or signals or replays.
    var count: Int
    var seconds: Double
    /// How many of them in a second.
    var throughput: Double
    var latencyMilliseconds: Percentiles?
    /// For each of them.
    var usage: Usage
    /// What is special about the workload, by name.
    var figures: [String: Double] = [:]
}

extension BenchSite {
    /// Measures what a body does with client and workers.
    ///
    /// - Parameters:
    ///   - count: how many times it does what is measured.
    ///   - connections: those that count, if not those of client and workers.
    func measured(
        _ count: Int, connections: (() -> [RedisStatistics])? = nil, _ body: (Latencies) async throws -> Void
    ) async throws -> Measurement {
        let latencies = Latencies()
        let connections = connections ?? { [backend, workers] in ([backend] + workers).map(\.statistics) }
        let before = try await UsageReading(redis, connections(), processes)
        let begin = ContinuousClock.now
        try await body(latencies)
        let seconds = begin.duration(to: .now) / .seconds(1)
        let after = try await UsageReading(redis, connections(), processes)
        return Measurement(
            count: count, seconds: seconds, throughput: Double(count) / seconds,
            latencyMilliseconds: latencies.percentiles, usage: Usage(from: before, to: after, per: count))
    }
}

extension Latencies {
    /// Records how long a body takes.
    func time(_ body: () async throws -> Void) async throws {
        let begin = ContinuousClock.now
        try await body()
        record(begin.duration(to: .now))
    }
}

extension [Measurement] {
    /// The one that took the median time; of an even number, the slower of the two in the middle.
    var median: Measurement { sorted { $0.seconds < $1.seconds }[count / 2] }
}

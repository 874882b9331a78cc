import RedisClient

/// What a process of a worker has used, which it tells in a line of JSON.
struct WorkerReading: Codable, Sendable {
    /// CPU time in seconds.
    var cpu: Double
    var statistics: RedisStatistics
}

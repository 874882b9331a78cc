/// What a client has done since it was made, over all its connections.
public struct RedisStatistics: Sendable, Hashable, Codable {
    /// Commands written, those of opening connections included.
    public var commands: Int
    /// How often commands were handed to a socket: the number of bursts, however many commands each held.
    public var flushes: Int
    /// Bytes written, before TLS.
    public var bytesSent: Int
    /// Bytes read, after TLS.
    public var bytesReceived: Int
    /// How often a connection became ready for use.
    public var connections: Int

    /// The difference of two readings.
    public static func - (later: RedisStatistics, earlier: RedisStatistics) -> RedisStatistics {
        RedisStatistics(
            commands: later.commands - earlier.commands,
            flushes: later.flushes - earlier.flushes,
            bytesSent: later.bytesSent - earlier.bytesSent,
            bytesReceived: later.bytesReceived - earlier.bytesReceived,
            connections: later.connections - earlier.connections
        )
    }
}

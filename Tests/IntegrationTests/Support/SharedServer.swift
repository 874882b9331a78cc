import RedisTestServer

/// One Redis for the tests that are content with a namespace of their own.
actor SharedServer {
    static let shared = SharedServer()
    private var starting: Task<RedisTestServer, any Error>?

    /// The server, started at the first use. It ends with the test process.
    func server() async throws -> RedisTestServer {
        let starting = self.starting ?? Task { try await RedisTestServer.start() }
        self.starting = starting
        return try await starting.value
    }
}

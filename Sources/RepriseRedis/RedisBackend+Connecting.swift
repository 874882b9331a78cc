import RedisClient
public import Reprise

extension RedisBackend {
    /// Makes a connection now, with one attempt. There is no need to call it: other calls wait for the Redis for a while. It
    /// is for programs that want to say at once that it can't be reached.
    ///
    /// - Throws: `unavailable`, `misconfigured`.
    public func connect() async throws(BackendError) {
        do throws(RedisError) { try await client.connect() } catch { throw errors.mapped(error) }
    }
}

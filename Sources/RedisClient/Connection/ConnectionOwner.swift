/// What a connection tells the one that opened it, on its event loop.
protocol ConnectionOwner: AnyObject {
    /// The opening is done: commands can be written.
    func connectionBecameReady(_ connection: Connection)
    /// Something arrived on a connection for subscriptions.
    func connection(_ connection: Connection, pushed reply: RedisReply)
    /// All that had been received has been handled.
    func connectionFinishedReading(_ connection: Connection)
    /// The connection ended; those that waited for replies have been told. Called once.
    func connectionEnded(_ connection: Connection, _ error: RedisError)
}

/// The messages of one channel, as an asynchronous sequence.
///
/// It subscribes when iteration begins and unsubscribes when it ends. When the connection is lost it subscribes again, for
/// as long as that takes; messages published in between are lost, as pub/sub keeps none. That is what the events other than
/// messages are for:
///
/// ```swift
/// for try await event in client.subscribe(to: "run:42") {
///     switch event {
///     case .subscribed, .dropped: state = try await readState()
///     case .message(let bytes): state.apply(bytes)
///     }
/// }
/// ```
///
/// The sequence ends without an error when the task is cancelled or the client is shut down.
public struct RedisSubscription: AsyncSequence, Sendable {
    /// What a subscription tells its consumer.
    public enum Event: Sendable, Hashable {
        /// Messages come from now on; those published before may have been missed. First of all events, and again after
        /// each lost connection.
        case subscribed
        /// A message was published.
        case message([UInt8])
        /// So many messages were thrown away because the consumer did not keep up
        /// (``RedisConfiguration/subscriptionBufferLimit``).
        case dropped(Int)
    }

    /// Iterates over the events of the subscription, which lasts as long as the iterator.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let registration: SubscriptionRegistration

        fileprivate init(_ registration: SubscriptionRegistration) {
            self.registration = registration
        }

        /// The next event; `nil` when the task is cancelled or the client is shut down.
        ///
        /// - Throws: ``RedisError`` of the category `configuration` when the server refuses the connection or the channel.
        ///   Lost connections are made again and do not throw.
        public mutating func next() async throws(RedisError) -> Event? {
            try await registration.mailbox.next()
        }

        /// The next event, as ``next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(RedisError) -> Event? {
            try await registration.mailbox.next()
        }
    }

    /// The channel.
    public let channel: String
    private let port: SubscriptionPort
    private let isBestEffort: Bool

    init(channel: String, port: SubscriptionPort, isBestEffort: Bool) {
        self.channel = channel
        self.port = port
        self.isBestEffort = isBestEffort
    }

    /// Subscribes. Each iterator is a subscription of its own and gets all messages.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(port.subscribe(to: channel, isBestEffort: isBestEffort))
    }
}

import DequeModule

/// Which channels are subscribed to and for whom, without I/O. RESP2: confirmations come in the order of the commands, and
/// messages in between.
struct SubscriptionStateMachine<Subscriber: Hashable> {
    private struct Channel {
        var subscribers: Set<Subscriber>
        /// The SUBSCRIBE that counts: an earlier one's confirmation may still be on its way, followed by that of an
        /// UNSUBSCRIBE.
        var generation: Int
        var isConfirmed = false
    }

    /// A command that has been sent and not yet confirmed.
    private enum Sent {
        case subscribe(String, generation: Int)
        case unsubscribe
        case ping
    }

    private var channels: [String: Channel] = [:]
    private var unconfirmed: Deque<Sent> = []
    private var generations = 0
    private var isConnected = false

    /// Whether a connection is needed.
    var isWanted: Bool { !channels.isEmpty }

    /// Whether an answer of the server is outstanding.
    var awaitsConfirmation: Bool { !unconfirmed.isEmpty }

    /// All subscribers, once each.
    var subscribers: Set<Subscriber> {
        channels.values.reduce(into: []) { $0.formUnion($1.subscribers) }
    }

    enum AddAction: Equatable {
        /// Nothing to send: a confirmation is on its way, or there is no connection yet.
        case wait
        case send(RedisCommand)
        /// The channel is subscribed to already.
        case confirm
    }

    mutating func add(_ subscriber: Subscriber, to name: String) -> AddAction {
        if channels[name] != nil {
            channels[name]?.subscribers.insert(subscriber)
            return channels[name]?.isConfirmed == true ? .confirm : .wait
        }
        channels[name] = Channel(subscribers: [subscriber], generation: 0)
        return isConnected ? .send(subscribe(name)) : .wait
    }

    /// Returns the command to send, if any.
    mutating func remove(_ subscriber: Subscriber, from name: String) -> RedisCommand? {
        guard var channel = channels[name], channel.subscribers.remove(subscriber) != nil else { return nil }
        guard channel.subscribers.isEmpty else {
            channels[name] = channel
            return nil
        }
        channels[name] = nil
        guard isConnected else { return nil }
        unconfirmed.append(.unsubscribe)
        return RedisCommand("UNSUBSCRIBE", name)
    }

    /// A connection is ready: returns the commands that subscribe to all channels again, one each so that an error of one is
    /// known to be its own.
    mutating func connected() -> [RedisCommand] {
        isConnected = true
        return channels.keys.sorted().map { subscribe($0) }
    }

    mutating func disconnected() {
        isConnected = false
        unconfirmed = []
        for name in channels.keys { channels[name]?.isConfirmed = false }
    }

    /// A PING is sent.
    mutating func ping() -> RedisCommand {
        unconfirmed.append(.ping)
        return ["PING"]
    }

    private mutating func subscribe(_ name: String) -> RedisCommand {
        generations += 1
        channels[name]?.generation = generations
        unconfirmed.append(.subscribe(name, generation: generations))
        return RedisCommand("SUBSCRIBE", name)
    }

    enum ReceiveAction: Equatable {
        case none
        case confirm(Set<Subscriber>)
        case deliver([UInt8], Set<Subscriber>)
        /// The server refused the subscription: these will hear nothing.
        case fail(RedisError, Set<Subscriber>)
        case close(RedisError)
    }

    mutating func received(_ reply: RedisReply) -> ReceiveAction {
        switch reply {
        case .error(let error):
            guard case .subscribe(let name, let generation) = unconfirmed.popFirst() else { return unexpected(reply) }
            guard let channel = channels[name], channel.generation == generation else { return .none }
            channels[name] = nil
            return .fail(RedisError(server: error), channel.subscribers)
        case .status:
            // What PING answers while there is no subscription.
            guard case .ping = unconfirmed.popFirst() else { return unexpected(reply) }
            return .none
        case .array(let elements):
            return receivedPush(elements, reply)
        default:
            return unexpected(reply)
        }
    }

    private mutating func receivedPush(_ elements: [RedisReply], _ reply: RedisReply) -> ReceiveAction {
        guard case .bytes(let kind)? = elements.first else { return unexpected(reply) }
        switch String(decoding: kind, as: UTF8.self) {
        case "message":
            guard elements.count == 3, case .bytes(let name) = elements[1], case .bytes(let payload) = elements[2]
            else {
                return unexpected(reply)
            }
            guard let channel = channels[String(decoding: name, as: UTF8.self)], channel.isConfirmed else {
                return .none
            }
            return .deliver(payload, channel.subscribers)
        case "subscribe":
            guard case .subscribe(let name, let generation) = unconfirmed.popFirst() else { return unexpected(reply) }
            guard channels[name]?.generation == generation else { return .none }
            channels[name]?.isConfirmed = true
            return .confirm(channels[name]?.subscribers ?? [])
        case "unsubscribe":
            guard case .unsubscribe = unconfirmed.popFirst() else { return unexpected(reply) }
            return .none
        case "pong":
            guard case .ping = unconfirmed.popFirst() else { return unexpected(reply) }
            return .none
        default:
            return unexpected(reply)
        }
    }

    private func unexpected(_ reply: RedisReply) -> ReceiveAction {
        .close(RedisError(.protocolError, "a subscription connection received \(reply.kind) where none was expected"))
    }
}

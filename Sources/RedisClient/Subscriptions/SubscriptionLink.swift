import Logging
import NIOCore

/// All subscriptions of a client and the connection that carries them, made again when it ends. Everything happens on its
/// event loop.
final class SubscriptionLink: ConnectionOwner {
    private let connector: Connector
    private let statistics: StatisticsCounters
    private let logger: Logger

    private var machine = SubscriptionStateMachine<ObjectIdentifier>()
    private var mailboxes: [ObjectIdentifier: SubscriptionMailbox] = [:]
    private var reconnect: ReconnectStateMachine
    private var connection: Connection?
    private var pauseTimer: Scheduled<Void>?
    private var keepAliveTimer: Scheduled<Void>?
    private var pingSent: NIODeadline?
    /// Commands of this turn of the event loop, to be written in one flush at its end.
    private var outbox: [RedisCommand] = []

    init(connector: Connector, statistics: StatisticsCounters, logger: Logger) {
        self.connector = connector
        self.statistics = statistics
        self.logger = logger
        reconnect = ReconnectStateMachine(backoff: connector.configuration.backoff)
    }

    // MARK: Subscribers

    func add(_ mailbox: SubscriptionMailbox, to channel: String) {
        guard !reconnect.isStopped else { return mailbox.finish(nil) }
        let id = ObjectIdentifier(mailbox)
        mailboxes[id] = mailbox
        switch machine.add(id, to: channel) {
        case .wait: break
        case .send(let command): post(command)
        case .confirm: mailbox.deliver(.subscribed)
        }
        perform(reconnect.wanted())
    }

    func remove(_ mailbox: SubscriptionMailbox, from channel: String) {
        let id = ObjectIdentifier(mailbox)
        mailboxes[id] = nil
        if let command = machine.remove(id, from: channel) { post(command) }
    }

    private func post(_ command: RedisCommand) {
        outbox.append(command)
        guard outbox.count == 1 else { return }
        connector.eventLoop.assumeIsolated().execute { [weak self] in self?.flush() }
    }

    private func flush() {
        let commands = outbox
        outbox = []
        if let connection, connection.isReady, !commands.isEmpty { connection.write(commands) }
    }

    // MARK: Connection

    private func perform(_ action: ReconnectStateMachine.Action) {
        switch action {
        case .none: break
        case .connect:
            let connection = Connection(connector: connector, statistics: statistics, role: .subscriptions, owner: self)
            self.connection = connection
            connection.open()
        case .pause(let duration):
            pauseTimer = connector.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(clamping: duration)) {
                [weak self] () -> Void in
                guard let self else { return }
                perform(reconnect.pauseElapsed(isWanted: machine.isWanted))
            }
        }
    }

    func connectionBecameReady(_ connection: Connection) {
        reconnect.becameReady()
        // It says all that is wanted by now.
        outbox = []
        let commands = machine.connected()
        if !commands.isEmpty { connection.write(commands) }
        pingSent = nil
        keepAlive()
    }

    func connection(_ connection: Connection, pushed reply: RedisReply) {
        switch machine.received(reply) {
        case .none: break
        case .confirm(let ids): for id in ids { mailboxes[id]?.deliver(.subscribed) }
        case .deliver(let message, let ids): for id in ids { mailboxes[id]?.deliver(.message(message)) }
        case .fail(let error, let ids): for id in ids { mailboxes.removeValue(forKey: id)?.finish(error) }
        case .close(let error): connection.close(error)
        }
    }

    func connectionFinishedReading(_ connection: Connection) {}

    func connectionEnded(_ connection: Connection, _ error: RedisError) {
        guard connection === self.connection else { return }
        self.connection = nil
        keepAliveTimer?.cancel()
        outbox = []
        let end = ReconnectStateMachine.End(error, lifetime: connection.lifetime, closedHere: false)
        // Nobody is told otherwise: consumers simply wait.
        logger.log(
            level: error.code == .clientShutDown ? .debug : .notice,
            "subscription connection ended",
            metadata: ["redis": "\(connector.configuration.endpoint)", "reason": "\(error)"])
        machine.disconnected()
        if end == .refused { endAll(error) }
        perform(reconnect.ended(end, isWanted: machine.isWanted, random: .random(in: 0...1)))
    }

    private func endAll(_ error: RedisError?) {
        for mailbox in mailboxes.values { mailbox.finish(error) }
        mailboxes = [:]
        machine = SubscriptionStateMachine()
    }

    // MARK: Keeping alive

    /// Nothing is sent on a quiet subscription: without a question now and then, a server that is stuck would never be noticed.
    /// Those at best effort do without once they stand.
    private func keepAlive() {
        let interval = TimeAmount(clamping: connector.configuration.keepAliveInterval)
        keepAliveTimer = connector.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] () -> Void in
            self?.askWhetherAlive()
        }
    }

    private func askWhetherAlive() {
        guard let connection else { return }
        if let pingSent, connection.lastReceived < pingSent {
            let endpoint = connector.configuration.endpoint
            connection.close(
                RedisError(.connectionLost, "the connection to \(endpoint) was closed: no answer to a PING"))
            return
        }
        let asks = machine.awaitsConfirmation || mailboxes.values.contains { !$0.isBestEffort }
        pingSent = asks ? .now() : nil
        if asks { post(machine.ping()) }
        keepAlive()
    }

    // MARK: Shutting down

    func shutDown(completion: @escaping () -> Void) {
        reconnect.stop()
        pauseTimer?.cancel()
        endAll(nil)
        guard let connection else { return completion() }
        connection.whenGone(completion)
        connection.close(.shutDown)
    }
}

import DequeModule
import Logging
import NIOCore

/// The commands of one port, and the connection that carries them, made again when it ends. Everything happens on its event
/// loop.
final class CommandLink: ConnectionOwner {
    /// What the cancellation of a caller does whose command has been written.
    enum CancellationPolicy: Sendable {
        /// The reply is swallowed when it comes.
        case swallowReply
        /// The connection is closed: the command may be one that blocks for long.
        case closeConnection
    }

    private let connector: Connector
    private let statistics: StatisticsCounters
    private let cancellationPolicy: CancellationPolicy
    private let logger: Logger

    private var reconnect: ReconnectStateMachine
    private var connection: Connection?
    /// Not yet written, in order.
    private var waiting: Deque<CommandRequest> = []
    /// Why the last attempt to connect failed, while there is no connection.
    private var lastFailure: RedisError?
    private var timer: (deadline: NIODeadline, task: Scheduled<Void>)?
    private var pauseTimer: Scheduled<Void>?
    /// Whether this side is about to close the connection.
    private var closesHere = false
    /// Why no more requests are taken, once it has been shut down.
    private var shutdownError: RedisError?

    init(
        connector: Connector, statistics: StatisticsCounters, cancellationPolicy: CancellationPolicy, logger: Logger
    ) {
        self.connector = connector
        self.statistics = statistics
        self.cancellationPolicy = cancellationPolicy
        self.logger = logger
        reconnect = ReconnectStateMachine(backoff: connector.configuration.backoff)
    }

    // MARK: Requests

    /// Takes what callers have handed in since the last time, and writes it in one flush.
    func handle(_ items: [CommandPort.Item]) {
        let now = NIODeadline.now()
        for item in items {
            switch item {
            case .request(var request):
                if let shutdownError {
                    request.fail(shutdownError)
                } else {
                    request.deadline = now + request.timeout
                    waiting.append(request)
                    arm(request.deadline)
                }
            case .cancel(let id):
                cancel(id)
            }
        }
        pump()
    }

    private func pump() {
        guard !waiting.isEmpty else { return }
        guard let connection, connection.isReady else { return perform(reconnect.wanted()) }
        var batch: Deque<CommandRequest> = []
        swap(&batch, &waiting)
        connection.send(batch)
    }

    private func cancel(_ id: UInt64) {
        let message = "the waiting task was cancelled"
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            waiting.remove(at: index).fail(RedisError(.cancelled, message))
        } else if let request = connection?.cancel(id: id) {
            request.fail(RedisError(.cancelled, message, mayHaveExecuted: true))
            if cancellationPolicy == .closeConnection {
                connection?.close(lostHere("a blocking command on it was cancelled"))
            }
            closeIfFinished()
        }
    }

    // MARK: Deadlines

    /// Sees to it that the timer fires no later than this. It may fire too early, after the request it was for was answered:
    /// then it finds the next deadline, so that it costs one look at the queue per timeout and not one timer per command.
    private func arm(_ deadline: NIODeadline) {
        if let timer {
            guard deadline < timer.deadline else { return }
            timer.task.cancel()
        }
        let task = connector.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] () -> Void in
            self?.deadlinePassed()
        }
        timer = (deadline, task)
    }

    private func deadlinePassed() {
        timer = nil
        let now = NIODeadline.now()
        failExpiredWaiting(at: now)
        if let connection {
            let expired = connection.takeExpired(at: now)
            for request in expired {
                request.fail(
                    RedisError(
                        .timedOut, "no reply from \(endpoint) within \(request.timeout.text)", mayHaveExecuted: true))
            }
            if let request = expired.first {
                connection.close(lostHere("no reply to a command within \(request.timeout.text)"))
            }
        }
        let next = [waiting.lazy.map(\.deadline).min(), connection?.nextDeadline].compactMap { $0 }.min()
        if let next { arm(next) }
    }

    private func failExpiredWaiting(at now: NIODeadline) {
        guard waiting.contains(where: { $0.deadline <= now }) else { return }
        let expired = waiting.filter { $0.deadline <= now }
        waiting.removeAll { $0.deadline <= now }
        for request in expired {
            request.fail(expiryError(request))
        }
    }

    /// The error for a request that got no connection in its time.
    private func expiryError(_ request: CommandRequest) -> RedisError {
        let message = "no connection to \(endpoint) within \(request.timeout.text)"
        guard let lastFailure else { return RedisError(.timedOut, message) }
        // What ended an earlier connection is not what became of this command.
        let code = lastFailure.code == .connectionLost ? .connectionFailed : lastFailure.code
        return RedisError(code, "\(message): \(lastFailure.message)", serverError: lastFailure.serverError)
    }

    // MARK: Connecting

    private func perform(_ action: ReconnectStateMachine.Action) {
        switch action {
        case .none: break
        case .connect:
            logger.debug("connecting", metadata: ["redis": "\(endpoint)"])
            let connection = Connection(connector: connector, statistics: statistics, role: .commands, owner: self)
            self.connection = connection
            connection.open()
        case .pause(let duration):
            pauseTimer = connector.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(clamping: duration)) {
                [weak self] () -> Void in
                guard let self else { return }
                perform(reconnect.pauseElapsed(isWanted: !waiting.isEmpty))
            }
        }
    }

    func connectionBecameReady(_ connection: Connection) {
        logger.debug("connected", metadata: ["redis": "\(endpoint)"])
        reconnect.becameReady()
        lastFailure = nil
        pump()
    }

    func connection(_ connection: Connection, pushed reply: RedisReply) {}

    func connectionFinishedReading(_ connection: Connection) {
        closeIfFinished()
        // A primary that becomes a replica keeps its clients: only a new connection can lead to the new primary. It counts
        // as lost and not as closed here, so that one that leads to a replica again is made no more often than others.
        if connection.isReadOnly { connection.close(connector.connectionLost("it leads to a replica", wasReady: true)) }
    }

    func connectionEnded(_ connection: Connection, _ error: RedisError) {
        guard connection === self.connection else { return }
        self.connection = nil
        let end = ReconnectStateMachine.End(error, lifetime: connection.lifetime, closedHere: closesHere)
        closesHere = false
        logger.debug("connection ended", metadata: ["redis": "\(endpoint)", "reason": "\(error)"])
        if end == .failed || end == .refused {
            lastFailure = error
            for request in takeWaiting(all: end == .refused) { request.fail(error) }
        }
        perform(reconnect.ended(end, isWanted: !waiting.isEmpty, random: .random(in: 0...1)))
    }

    private func takeWaiting(all: Bool) -> Deque<CommandRequest> {
        let taken = waiting.filter { all || $0.failsFast }
        waiting.removeAll { all || $0.failsFast }
        return taken
    }

    /// The error for the others on a connection that this side is about to close.
    private func lostHere(_ reason: String) -> RedisError {
        closesHere = true
        return RedisError(.connectionLost, "the connection to \(endpoint) was closed: \(reason)")
    }

    private var endpoint: RedisEndpoint { connector.configuration.endpoint }

    // MARK: Shutting down

    /// Closes the connection once the last reply that somebody waits for has come.
    private func closeIfFinished() {
        if let shutdownError, let connection, connection.outstanding == 0 { connection.close(shutdownError) }
    }

    /// Takes no more requests, fails those not yet written, and closes the connection.
    ///
    /// - Parameter finishes: whether those that have been written may still get their replies, within their time.
    func shutDown(_ error: RedisError, finishes: Bool, completion: @escaping () -> Void) {
        shutdownError = error
        reconnect.stop()
        pauseTimer?.cancel()
        for request in takeWaiting(all: true) { request.fail(error) }
        guard let connection else { return completion() }
        connection.whenGone(completion)
        if !finishes || !connection.isReady || connection.outstanding == 0 { connection.close(error) }
    }
}

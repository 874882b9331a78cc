import DequeModule
import NIOCore

/// One connection to the server: executes what ``ConnectionStateMachine`` decides. Everything happens on its event loop.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connector: Connector
    private let statistics: StatisticsCounters
    private weak var owner: (any ConnectionOwner)?
    private var machine: ConnectionStateMachine<CommandRequest>
    private var reader: ReplyReader
    private var context: ChannelHandlerContext?
    private var channel: (any Channel)?
    private var attemptTimer: Scheduled<Void>?
    private var readySince: NIODeadline?
    private(set) var lastReceived = NIODeadline.now()
    /// Whether the server refused a command because it is a replica.
    private(set) var isReadOnly = false

    init(
        connector: Connector, statistics: StatisticsCounters, role: ConnectionStateMachine<CommandRequest>.Role,
        owner: any ConnectionOwner
    ) {
        self.connector = connector
        self.statistics = statistics
        self.owner = owner
        machine = ConnectionStateMachine(role: role)
        reader = ReplyReader(maximumBuffered: connector.configuration.maximumReplyBytes)
    }

    var isReady: Bool { machine.isReady }
    var outstanding: Int { machine.outstanding }
    var nextDeadline: NIODeadline? { machine.nextDeadline }

    /// How long it has been of use; `nil` if it never was.
    var lifetime: TimeAmount? { readySince.map { NIODeadline.now() - $0 } }

    // MARK: Opening

    /// Starts the one attempt of this connection.
    func open() {
        let timeout = TimeAmount(clamping: connector.configuration.connectTimeout)
        attemptTimer = connector.eventLoop.assumeIsolated().scheduleTask(in: timeout) { [self] in
            close(
                RedisError(
                    .connectionFailed,
                    "cannot connect to \(connector.configuration.endpoint): not ready after \(timeout.text)"))
        }
        connector.connect(self).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let channel):
                self.channel = channel
                // It was given up while the socket was connecting.
                if machine.isClosed { channel.close(promise: nil) }
            case .failure(let error):
                close(connector.connectFailure(error))
            }
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        channel = context.channel
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        let steps = machine.connected(opening: HandshakeStep.steps(for: connector.configuration))
        write(steps.map(\.command))
        context.fireChannelActive()
    }

    // MARK: Writing

    /// Writes all of them in one flush.
    func send(_ requests: Deque<CommandRequest>) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: requests.reduce(0) { $0 + $1.wire.count })
        var commands = 0
        for request in requests {
            buffer.writeBytes(request.wire)
            commands += request.replyCount
            machine.sent(request, id: request.id, replies: request.replyCount, deadline: request.deadline)
        }
        flush(buffer, commands: commands)
    }

    /// Writes commands whose replies nobody waits for one by one: the opening, and those of subscriptions.
    func write(_ commands: [RedisCommand]) {
        var wire: [UInt8] = []
        do throws(RedisError) {
            for command in commands { try CommandFormatter.appendUnchecked(command, to: &wire) }
        } catch {
            return close(error)
        }
        guard !wire.isEmpty else { return }
        flush(ByteBuffer(bytes: wire), commands: commands.count)
    }

    private func flush(_ buffer: ByteBuffer, commands: Int) {
        statistics.flushed(commands: commands, bytes: buffer.readableBytes)
        context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        statistics.received(bytes: buffer.readableBytes)
        lastReceived = .now()
        let failure = buffer.withUnsafeReadableBytes { bytes -> RedisError? in
            do throws(RedisError) {
                try reader.read(bytes) { reply in perform(machine.received(reply)) }
                return nil
            } catch {
                return error
            }
        }
        if let failure { close(failure) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        owner?.connectionFinishedReading(self)
        context.fireChannelReadComplete()
    }

    private func perform(_ action: ConnectionStateMachine<CommandRequest>.ReceiveAction) {
        switch action {
        case .none: break
        case .completeOne(let request, let reply):
            noteRefusal(reply)
            request.succeed(reply)
        case .completeAll(let request, let replies):
            for reply in replies { noteRefusal(reply) }
            request.succeed(replies)
        case .push(let reply): owner?.connection(self, pushed: reply)
        case .close(let error): close(error)
        case .becomeReady:
            attemptTimer?.cancel()
            readySince = .now()
            statistics.connected()
            owner?.connectionBecameReady(self)
        }
    }

    private func noteRefusal(_ reply: RedisReply) {
        guard case .error(let error) = reply else { return }
        // Redis 6 hides the code of a script's call inside the message.
        if error.code == "READONLY" || error.message.contains("-READONLY ") { isReadOnly = true }
    }

    // MARK: Giving up

    /// Nobody waits for this request any more: its reply will be swallowed. `nil` if it is not here.
    func cancel(id: UInt64) -> CommandRequest? {
        machine.cancel(id: id)
    }

    /// The requests that have waited too long.
    func takeExpired(at now: NIODeadline) -> [CommandRequest] {
        machine.takeExpired(at: now)
    }

    /// Ends the connection and fails those that wait for a reply. Later calls do nothing.
    func close(_ error: RedisError) {
        guard let waiting = machine.close() else { return }
        attemptTimer?.cancel()
        attemptTimer = nil
        for request in waiting { request.fail(error.with(mayHaveExecuted: true)) }
        channel?.close(promise: nil)
        owner?.connectionEnded(self, error)
    }

    /// Calls back when the socket is closed.
    func whenGone(_ body: @escaping () -> Void) {
        guard let channel else { return body() }
        channel.closeFuture.assumeIsolated().whenComplete { _ in body() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(connector.connectionLost("the server closed it", wasReady: machine.isReady))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(connector.transportFailure(error, wasReady: machine.isReady))
    }
}

extension TimeAmount {
    /// As messages name it.
    var text: String {
        nanoseconds % 1_000_000_000 == 0 ? "\(nanoseconds / 1_000_000_000) s" : "\(nanoseconds / 1_000_000) ms"
    }
}

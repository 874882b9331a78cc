import Logging
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// Where callers hand in commands, from any thread. All that is handed in before the event loop looks is written in one
/// flush; only the first of them wakes the loop.
final class CommandPort: Sendable {
    enum Item {
        case request(CommandRequest)
        case cancel(UInt64)
    }

    private struct Intake {
        var items: [Item] = []
        var isScheduled = false
        var closed: RedisError?
    }

    private let link: NIOLoopBoundBox<CommandLink>
    private let eventLoop: any EventLoop
    private let defaultTimeout: Duration
    private let intake = NIOLockedValueBox(Intake())
    private let nextID = Atomic<UInt64>(0)

    init(
        connector: Connector, statistics: StatisticsCounters, cancellationPolicy: CommandLink.CancellationPolicy,
        logger: Logger
    ) {
        eventLoop = connector.eventLoop
        defaultTimeout = connector.configuration.commandTimeout
        link = .makeBoxSendingValue(
            CommandLink(
                connector: connector, statistics: statistics, cancellationPolicy: cancellationPolicy, logger: logger),
            eventLoop: connector.eventLoop
        )
    }

    deinit {
        // Nobody can be waiting: waiting callers keep the port alive. After a shutdown the event loop may be gone.
        guard intake.withLockedValue({ $0.closed == nil }) else { return }
        let link = link
        eventLoop.execute { link.value.shutDown(.shutDown, finishes: false) {} }
    }

    /// Sends one command and waits for its reply; an error of the server is a reply.
    func send(
        _ command: RedisCommand, timeout: Duration?, failsFast: Bool = false
    ) async throws(RedisError) -> RedisReply {
        var wire: [UInt8] = []
        try CommandFormatter.append(command, to: &wire)
        return try await submit { id, continuation in
            CommandRequest(
                id: id, wire: wire, replyCount: 1, timeout: TimeAmount(clamping: timeout ?? self.defaultTimeout),
                failsFast: failsFast, completion: .one(continuation))
        }
    }

    /// Sends commands next to one another and waits for all of their replies, in order.
    func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws(RedisError) -> [RedisReply] {
        guard !commands.isEmpty else { return [] }
        var wire: [UInt8] = []
        for command in commands { try CommandFormatter.append(command, to: &wire) }
        return try await submit { id, continuation in
            CommandRequest(
                id: id, wire: wire, replyCount: commands.count,
                timeout: TimeAmount(clamping: timeout ?? self.defaultTimeout), failsFast: false,
                completion: .all(continuation))
        }
    }

    /// Sends one command, and calls back with its reply, on the event loop; an error of the server is a reply. Until then the caller
    /// keeps the port alive.
    func send(
        _ command: RedisCommand, timeout: Duration,
        whenDone: @escaping @Sendable (Result<RedisReply, RedisError>) -> Void
    ) {
        var wire: [UInt8] = []
        do throws(RedisError) {
            try CommandFormatter.append(command, to: &wire)
        } catch {
            return whenDone(.failure(error))
        }
        let request = CommandRequest(
            id: nextID.add(1, ordering: .relaxed).newValue, wire: wire, replyCount: 1,
            timeout: TimeAmount(clamping: timeout), failsFast: false, completion: .called(whenDone))
        if let error = hand(in: .request(request)) { request.fail(error) }
    }

    private func submit<Value>(
        _ makeRequest: (UInt64, UnsafeContinuation<Result<Value, RedisError>, Never>) -> CommandRequest
    ) async throws(RedisError) -> Value {
        guard !Task.isCancelled else {
            throw RedisError(.cancelled, "the task was cancelled before it sent its command")
        }
        let id = nextID.add(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let request = makeRequest(id, continuation)
                if let error = hand(in: .request(request)) { return request.fail(error) }
                // A cancellation just now may have been handed in before the request, and found nothing to cancel.
                if Task.isCancelled { _ = hand(in: .cancel(id)) }
            }
        } onCancel: {
            _ = hand(in: .cancel(id))
        }
        return try result.get()
    }

    /// Returns the error instead when the port is closed.
    private func hand(in item: Item) -> RedisError? {
        let (error, wakes) = intake.withLockedValue { intake -> (RedisError?, Bool) in
            if let closed = intake.closed { return (closed, false) }
            intake.items.append(item)
            defer { intake.isScheduled = true }
            return (nil, !intake.isScheduled)
        }
        if wakes { eventLoop.execute { self.drain() } }
        return error
    }

    /// How many commands and cancellations the event loop has not seen yet.
    var handedIn: Int { intake.withLockedValue { $0.items.count } }

    private func drain() {
        var items: [Item] = []
        intake.withLockedValue { intake in
            swap(&items, &intake.items)
            intake.isScheduled = false
        }
        link.value.handle(items)
    }

    /// Takes no more commands, and returns when the connection is closed.
    ///
    /// - Parameter finishes: whether commands that have been written may still get their replies.
    func shutDown(_ error: RedisError, finishes: Bool) async {
        let isFirst = intake.withLockedValue { intake in
            defer { intake.closed = intake.closed ?? error }
            return intake.closed == nil
        }
        guard isFirst else { return }
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                self.drain()
                self.link.value.shutDown(error, finishes: finishes) { continuation.resume() }
            }
        }
    }
}

extension RedisError {
    static let shutDown = RedisError(.clientShutDown, "the client has been shut down")
    static let dedicatedConnectionClosed = RedisError(.clientShutDown, "the dedicated connection has been closed")
}

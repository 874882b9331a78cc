import DequeModule
import NIOCore

/// The protocol of one connection, without I/O: the opening, then one reply to each command in the order of sending.
///
/// A caller that no longer waits leaves its place in the queue empty, so that its reply is swallowed and the others keep
/// theirs.
struct ConnectionStateMachine<Request>: ~Copyable {
    private enum State {
        case connecting
        case handshaking([HandshakeStep], answered: Int)
        case ready
        case closed
    }

    private struct Place {
        let id: UInt64
        let deadline: NIODeadline
        let count: Int
        /// `nil` when nobody waits any more.
        var request: Request?
        var replies: [RedisReply] = []
    }

    /// What arrives once the connection is ready.
    enum Role {
        /// One reply to each command.
        case commands
        /// Messages of subscriptions and confirmations, which answer nothing in particular.
        case subscriptions
    }

    private let role: Role
    private var state = State.connecting
    private var places: Deque<Place> = []

    init(role: Role) {
        self.role = role
    }

    var isReady: Bool {
        if case .ready = state { true } else { false }
    }

    var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// How many commands (a pipeline is one) have been sent whose replies have not all come, and somebody waits for them.
    var outstanding: Int { places.count { $0.request != nil } }

    /// The transport is open: returns the commands of the opening, to be written at once; none if it was closed before.
    mutating func connected(opening: [HandshakeStep]) -> [HandshakeStep] {
        guard case .connecting = state else { return [] }
        precondition(
            !opening.isEmpty, "an opening has at least one command, or nothing would make the connection ready")
        state = .handshaking(opening, answered: 0)
        return opening
    }

    /// A request was written; it gets `count` replies.
    mutating func sent(_ request: Request, id: UInt64, replies count: Int, deadline: NIODeadline) {
        precondition(isReady, "a command was written before the connection was ready")
        precondition(count > 0, "a request without replies would take the next one's")
        places.append(Place(id: id, deadline: deadline, count: count, request: request))
    }

    enum ReceiveAction {
        case none
        case becomeReady
        case completeOne(Request, RedisReply)
        case completeAll(Request, [RedisReply])
        case push(RedisReply)
        case close(RedisError)
    }

    mutating func received(_ reply: RedisReply) -> ReceiveAction {
        switch state {
        case .connecting:
            return .close(RedisError(.protocolError, "a reply before the connection was open"))
        case .handshaking(let steps, let answered):
            if let failure = steps[answered].failure(reply) { return .close(failure) }
            guard answered + 1 == steps.count else {
                state = .handshaking(steps, answered: answered + 1)
                return .none
            }
            state = .ready
            return .becomeReady
        case .ready:
            if role == .subscriptions { return .push(reply) }
            return answer(reply)
        case .closed:
            return .none
        }
    }

    private mutating func answer(_ reply: RedisReply) -> ReceiveAction {
        guard !places.isEmpty else {
            return .close(RedisError(.protocolError, "a reply that no command waits for: \(reply.kind)"))
        }
        if places[0].count == 1 {
            guard let request = places.removeFirst().request else { return .none }
            return .completeOne(request, reply)
        }
        places[0].replies.append(reply)
        guard places[0].replies.count == places[0].count else { return .none }
        let place = places.removeFirst()
        guard let request = place.request else { return .none }
        return .completeAll(request, place.replies)
    }

    /// Nobody waits for this request any more. Returns it, or `nil` if it is not here: answered already, or never sent.
    mutating func cancel(id: UInt64) -> Request? {
        guard let index = places.firstIndex(where: { $0.id == id }) else { return nil }
        return places[index].request.take()
    }

    /// The requests whose deadline has passed. Their connection must then be closed: an answer that is so late means that
    /// the server, or the way to it, is stuck.
    mutating func takeExpired(at now: NIODeadline) -> [Request] {
        var expired: [Request] = []
        for index in places.indices where places[index].deadline <= now {
            if let request = places[index].request.take() { expired.append(request) }
        }
        return expired
    }

    /// The first deadline of those that wait, if any does.
    var nextDeadline: NIODeadline? {
        places.lazy.filter { $0.request != nil }.map(\.deadline).min()
    }

    /// The connection ends. Returns those that waited for replies, or `nil` if it had ended before.
    mutating func close() -> [Request]? {
        guard !isClosed else { return nil }
        state = .closed
        let waiting = places.compactMap(\.request)
        places = []
        return waiting
    }
}

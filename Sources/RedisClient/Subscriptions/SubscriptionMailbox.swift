import DequeModule
import NIOConcurrencyHelpers

/// Events on their way to one consumer. Bounded: when it is full, all that it holds is dropped, and the consumer is told.
final class SubscriptionMailbox: Sendable {
    typealias Delivery = Result<RedisSubscription.Event?, RedisError>

    private struct State {
        var events: Deque<RedisSubscription.Event> = []
        var waiter: UnsafeContinuation<Delivery, Never>?
        /// Set once nothing more will come.
        var end: Delivery?

        mutating func dropAll() {
            let dropped = events.reduce(0) { sum, event in
                switch event {
                case .message: sum + 1
                case .dropped(let count): sum + count
                case .subscribed: sum
                }
            }
            events.removeAll(keepingCapacity: true)
            events.append(.dropped(dropped))
        }
    }

    /// Whether its consumer is content with what comes, and need not know that nothing more can.
    let isBestEffort: Bool
    private let limit: Int
    private let state = NIOLockedValueBox(State())

    init(limit: Int, isBestEffort: Bool = false) {
        self.limit = max(limit, 1)
        self.isBestEffort = isBestEffort
    }

    /// Hands an event to the consumer, or keeps it until it asks.
    func deliver(_ event: RedisSubscription.Event) {
        let waiter = state.withLockedValue { state -> UnsafeContinuation<Delivery, Never>? in
            guard state.end == nil else { return nil }
            if let waiter = state.waiter.take() { return waiter }
            if state.events.count >= limit { state.dropAll() }
            state.events.append(event)
            return nil
        }
        waiter?.resume(returning: .success(event))
    }

    /// Nothing more will come: the consumer gets what is kept, and then the error, or the end.
    func finish(_ error: RedisError?) {
        let end: Delivery = error.map { .failure($0) } ?? .success(nil)
        let waiter = state.withLockedValue { state -> UnsafeContinuation<Delivery, Never>? in
            guard state.end == nil else { return nil }
            state.end = end
            return state.waiter.take()
        }
        waiter?.resume(returning: end)
    }

    /// The next event; `nil` at the end, and when the task is cancelled.
    func next() async throws(RedisError) -> RedisSubscription.Event? {
        let delivery: Delivery = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let delivery = state.withLockedValue { state -> Delivery? in
                    precondition(state.waiter == nil, "two tasks iterate over one subscription")
                    if let event = state.events.popFirst() { return Delivery.success(event) }
                    if let end = state.end { return end }
                    // Checked under the lock that the cancellation handler takes: either sees the other.
                    if Task.isCancelled { return Delivery.success(nil) }
                    state.waiter = continuation
                    return nil
                }
                if let delivery { continuation.resume(returning: delivery) }
            }
        } onCancel: {
            state.withLockedValue { $0.waiter.take() }?.resume(returning: .success(nil))
        }
        return try delivery.get()
    }
}

import Logging
import NIOCore
import Synchronization

/// Where consumers subscribe, from any thread.
final class SubscriptionPort: Sendable {
    private let eventLoop: any EventLoop
    private let bufferLimit: Int
    private let isShutDown = Atomic(false)
    private let link: NIOLoopBoundBox<SubscriptionLink>

    init(connector: Connector, statistics: StatisticsCounters, logger: Logger) {
        eventLoop = connector.eventLoop
        bufferLimit = connector.configuration.subscriptionBufferLimit
        link = .makeBoxSendingValue(
            SubscriptionLink(connector: connector, statistics: statistics, logger: logger),
            eventLoop: connector.eventLoop)
    }

    deinit {
        // The event loop may be gone.
        guard !isShutDown.load(ordering: .relaxed) else { return }
        let link = link
        eventLoop.execute { link.value.shutDown {} }
    }

    func subscribe(to channel: String, isBestEffort: Bool) -> SubscriptionRegistration {
        let mailbox = SubscriptionMailbox(limit: bufferLimit, isBestEffort: isBestEffort)
        if isShutDown.load(ordering: .relaxed) {
            mailbox.finish(nil)
        } else {
            eventLoop.execute { self.link.value.add(mailbox, to: channel) }
        }
        return SubscriptionRegistration(channel: channel, mailbox: mailbox, port: self)
    }

    func unsubscribe(_ mailbox: SubscriptionMailbox, from channel: String) {
        guard !isShutDown.load(ordering: .relaxed) else { return }
        eventLoop.execute { self.link.value.remove(mailbox, from: channel) }
    }

    /// Ends all subscriptions, and returns when the connection is closed.
    func shutDown() async {
        guard !isShutDown.exchange(true, ordering: .relaxed) else { return }
        await withCheckedContinuation { continuation in
            eventLoop.execute { self.link.value.shutDown { continuation.resume() } }
        }
    }
}

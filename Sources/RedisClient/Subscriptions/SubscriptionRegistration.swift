/// One consumer's place among the subscribers of a channel; gives it up when it goes.
final class SubscriptionRegistration: Sendable {
    let channel: String
    let mailbox: SubscriptionMailbox
    private let port: SubscriptionPort

    init(channel: String, mailbox: SubscriptionMailbox, port: SubscriptionPort) {
        self.channel = channel
        self.mailbox = mailbox
        self.port = port
    }

    deinit {
        port.unsubscribe(mailbox, from: channel)
    }
}

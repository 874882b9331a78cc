import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Makes the TLS context of a client once, on a thread that may block: it reads files and parses all trusted roots.
final class TLSContextCache: Sendable {
    private let eventLoop: any EventLoop
    private let cached = NIOLockedValueBox<EventLoopFuture<TLSContext>?>(nil)

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func context(for settings: RedisTLS) -> EventLoopFuture<TLSContext> {
        let (context, isNew) = cached.withLockedValue { cached in
            if let cached { return (cached, false) }
            let context = NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { try TLSContext(settings) }
            cached = context
            return (context, true)
        }
        // A failure is not kept: the files may be put right.
        if isNew { context.whenFailure { _ in self.cached.withLockedValue { $0 = nil } } }
        return context
    }
}

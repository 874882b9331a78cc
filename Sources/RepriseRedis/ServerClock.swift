import Reprise
import Synchronization

/// Knows about when it is by the server's clock, from what the last claim answered.
final class ServerClock: Sendable {
    private let reading = Mutex<(server: Timestamp, local: ContinuousClock.Instant)?>(nil)

    /// Notes the server's time in a reply that has just come.
    func note(_ server: Timestamp) {
        let local = ContinuousClock.now
        reading.withLock { $0 = (server, local) }
    }

    /// How long it is until a time. The reply was on its way for a moment, so this is a little too long, never too short.
    func delay(until time: Timestamp) -> Duration {
        guard let (server, local) = reading.withLock({ $0 }) else { return .zero }
        let milliseconds = min(max(time.milliseconds - server.milliseconds, 0), 1 << 50)
        return .milliseconds(milliseconds) - local.duration(to: .now)
    }
}

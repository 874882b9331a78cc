/// How long to wait between attempts to connect: twice as long each time, with jitter so that many clients do not come back
/// at once.
public struct ReconnectBackoff: Sendable, Hashable {
    /// The longest wait after the first failure. Default: 50 ms.
    public var initial: Duration
    /// The longest wait at all. Default: 2 s.
    public var maximum: Duration

    /// A backoff between these limits.
    public init(initial: Duration = .milliseconds(50), maximum: Duration = .seconds(2)) {
        self.initial = initial
        self.maximum = maximum
    }

    /// The wait after so many failures in a row, counted from 1.
    ///
    /// - Parameter random: between 0 and 1. The wait lies between half of the limit and the limit.
    func delay(afterFailures failures: Int, random: Double) -> Duration {
        // 2^20 times the shortest sensible wait is above any sensible maximum.
        let factor = 1 << min(max(failures - 1, 0), 20)
        let limit = min(initial * factor, maximum)
        return limit * (0.5 + 0.5 * random)
    }
}

public import Foundation

/// A point in time as histories record it: whole milliseconds since 1970, by the backend's clock.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public var milliseconds: Int64

    /// Makes a timestamp from milliseconds since 1970.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Rounds a date **up** to whole milliseconds, so that a timer never fires before its date. A date beyond the
    /// years that fit is clamped.
    public init(_ date: Date) {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded(.up)
        // Lua numbers are doubles: stay where each millisecond is exact.
        let bound = 9_007_199_254_740_991.0
        self.milliseconds = milliseconds.isNaN ? 0 : Int64(min(max(milliseconds, -bound), bound))
    }

    /// The same point in time for Foundation.
    public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// The later point `duration` from here, rounded up to whole milliseconds.
    public func advanced(by duration: Duration) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(duration.milliseconds)
        return Timestamp(milliseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// Orders by time.
    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }
}

extension Duration {
    /// Whole milliseconds, rounded up: a deadline is never early.
    package var milliseconds: Int64 {
        // A duration may have more seconds than an integer: then its components trap.
        let bound = Duration.seconds(Int64.max / 1000)
        guard self < bound else { return .max }
        guard self > .zero - bound else { return .min }
        let (seconds, attoseconds) = components
        let attosecondsInAMillisecond: Int64 = 1_000_000_000_000_000
        let rest = attoseconds / attosecondsInAMillisecond
        let roundUp: Int64 = attoseconds % attosecondsInAMillisecond > 0 ? 1 : 0
        return seconds * 1000 + rest + roundUp
    }
}

import Histogram
import Synchronization

/// Collects times from many tasks, from a microsecond to an hour, each to three digits.
final class Latencies: Sendable {
    private let histogram = Mutex(
        Histogram<UInt32>(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three))

    func record(seconds: Double) {
        let microseconds = UInt64(min(max(seconds * 1e6, 0), 3.6e9))
        histogram.withLock { _ = $0.record(microseconds) }
    }

    func record(_ duration: Duration) { record(seconds: duration / .seconds(1)) }

    /// `nil` if nothing was recorded.
    var percentiles: Percentiles? {
        let histogram = histogram.withLock { $0 }
        guard histogram.totalCount > 0 else { return nil }
        let milliseconds = { (percentile: Double) in Double(histogram.valueAtPercentile(percentile)) / 1000 }
        return Percentiles(p50: milliseconds(50), p95: milliseconds(95), p99: milliseconds(99), max: milliseconds(100))
    }
}

/// How long something took, in milliseconds.
struct Percentiles: Encodable, Sendable {
    var p50, p95, p99, max: Double
}

import Reprise

/// What happened, in order: the last lines, and a hash of all.
final class Trace {
    private static let kept = 400
    private let prints: Bool
    private var lines: [String] = []
    private(set) var hash: UInt64 = 0
    private(set) var count = 0

    init(prints: Bool) { self.prints = prints }

    func add(_ text: String, at time: Duration) {
        let line = "\(time.milliseconds) \(text)"
        count += 1
        hash = hash &* 31 &+ Fingerprint.hash(Array(line.utf8))
        if prints { say(line) }
        lines.append(line)
        if lines.count > 2 * Trace.kept { lines.removeFirst(Trace.kept) }
    }

    /// The last lines.
    func last(_ count: Int) -> [String] { Array(lines.suffix(count)) }
}

import Foundation
import RedisClient
import RepriseRedis

/// Reads from the slow log of a Redis that logs everything how long scripts took, and the scans beside them.
final class Meter {
    let redis: RedisClient
    /// The longest time of all situations, in milliseconds.
    private(set) var worst = 0.0

    init(_ redis: RedisClient) { self.redis = redis }

    /// A call of a round, known again in the others.
    private struct Call: Hashable {
        var name: String
        /// The how manieth of its script, or the beginning of its arguments.
        var mark: String
    }

    /// Measures a situation a few times and prints its slowest call. Of each call the fastest round counts: other programs get
    /// in the way.
    ///
    /// - Parameter body: prepares a round, and answers what is to be measured.
    func measure(
        _ situation: String, rounds: Int, _ body: (Int) async throws -> () async throws -> Void
    ) async throws {
        var fastest: [Call: Int] = [:]
        for index in 0..<rounds {
            let act = try await body(index)
            _ = try await redis.send(["SLOWLOG", "RESET"])
            try await act()
            fastest.merge(try await times { _, count in "\(count)" }) { min($0, $1) }
        }
        show(situation, "\(fastest.count)", fastest.max { $0.value < $1.value })
    }

    /// Measures what makes too many calls to log all: only calls that take a millisecond in each round.
    func measureSlow(_ situation: String, rounds: Int, _ act: () async throws -> Void) async throws {
        var slow: [Call: Int]?
        _ = try await redis.send(["CONFIG", "SET", "slowlog-log-slower-than", "1000"])
        for _ in 0..<rounds {
            _ = try await redis.send(["SLOWLOG", "RESET"])
            try await act()
            let times = try await times { words, _ in words.joined(separator: " ") }
            slow = (slow ?? times).reduce(into: [:]) { both, entry in
                if let time = times[entry.key] { both[entry.key] = min(time, entry.value) }
            }
        }
        _ = try await redis.send(["CONFIG", "SET", "slowlog-log-slower-than", "0"])
        show(situation, "\(slow?.count ?? 0) over 1 ms", slow?.max { $0.value < $1.value })
    }

    private func show(_ situation: String, _ calls: String, _ slowest: (key: Call, value: Int)?) {
        let milliseconds = Double(slowest?.value ?? 0) / 1000
        worst = max(worst, milliseconds)
        let time = slowest == nil ? "< 1" : String(format: "%.2f", milliseconds)
        show("| \(situation) | \(calls) | \(slowest?.key.name ?? "-") | \(time) |")
    }

    /// Prints a line at once, also into a file.
    func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// What each call took, in microseconds.
    private func times(_ mark: ([String], Int) -> String) async throws -> [Call: Int] {
        var times: [Call: Int] = [:]
        var counts: [String: Int] = [:]
        // The newest comes first. What scripts call is logged, too.
        for entry in try await redis.send(["SLOWLOG", "GET", 1_000_000]).asArray.reversed() {
            let fields = try entry.asArray
            let words = try fields[3].asArray.map { String(decoding: try $0.asBytes, as: UTF8.self) }
            guard words[0] == "EVALSHA" || words[0].hasSuffix("SCAN") else { continue }
            let name = words[0] == "EVALSHA" ? RedisBackend.scriptNames[words[1]] ?? "?" : words[0]
            counts[name, default: 0] += 1
            times[Call(name: name, mark: mark(words, counts[name, default: 0]))] = try fields[2].asInt
        }
        return times
    }
}

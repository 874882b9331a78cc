import Foundation
import RedisClient
import RepriseRedis

/// Reads from the slow log of a Redis that logs everything how long scripts, and other commands of the backend, took.
final class Meter {
    let redis: RedisClient
    /// The longest time of all situations, in milliseconds.
    private(set) var worst = 0.0

    init(_ redis: RedisClient) { self.redis = redis }

    /// A call of a round: the how manieth of its script or command.
    private struct Call: Hashable {
        var name: String
        var ordinal: Int
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
            fastest.merge(try await times()) { min($0, $1) }
        }
        guard let (call, microseconds) = fastest.max(by: { $0.value < $1.value }) else { return }
        let milliseconds = Double(microseconds) / 1000
        worst = max(worst, milliseconds)
        show("| \(situation) | \(fastest.count) | \(call.name) | \(String(format: "%.2f", milliseconds)) |")
    }

    /// Prints a line at once, also into a file.
    func show(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// What each call took, in microseconds.
    private func times() async throws -> [Call: Int] {
        var times: [Call: Int] = [:]
        var counts: [String: Int] = [:]
        // The newest comes first.
        for entry in try await redis.send(["SLOWLOG", "GET", 1_000_000]).asArray.reversed() {
            let fields = try entry.asArray
            let words = try fields[3].asArray
            let command = try words[0].asString
            if command == "SLOWLOG" { continue }
            let name = command == "EVALSHA" ? RedisBackend.scriptNames[try words[1].asString] ?? "?" : command
            counts[name, default: 0] += 1
            times[Call(name: name, ordinal: counts[name, default: 0])] = try fields[2].asInt
        }
        return times
    }
}

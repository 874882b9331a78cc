package import Foundation
package import RedisClient

/// What workers and tests tell each other, through a Redis that nothing happens to.
package struct FaultStore: Sendable {
    package let client: RedisClient
    private let base: String

    package init(client: RedisClient, namespace: String) {
        self.client = client
        base = "faults:\(namespace):"
    }

    // MARK: The ledger

    /// Counts one beginning of an attempt.
    func begin(_ key: String, attempt: Int) async throws {
        _ = try await client.send(["HINCRBY", base + "beginnings", "\(key) \(attempt)", 1]).asInt
    }

    /// Counts one execution of an activity, and notes how often its last attempt was handed out.
    func write(_ key: String, deliveries: Int) async throws {
        let replies = try await client.pipeline([
            ["HINCRBY", base + "executions", key, 1], ["HSET", base + "deliveries", key, deliveries],
        ])
        for reply in replies { _ = try reply.asInt }
    }

    /// How often each attempt was begun, by idempotency key and attempt.
    package func beginnings() async throws -> [String: Int] { try await counts("beginnings") }

    /// How often each activity was executed to its end, by idempotency key.
    package func executions() async throws -> [String: Int] { try await counts("executions") }

    /// How often the last attempt of each activity was handed out.
    package func deliveries() async throws -> [String: Int] { try await counts("deliveries") }

    private func counts(_ name: String) async throws -> [String: Int] {
        let parts = try await client.send(["HGETALL", base + name]).asArray
        var counts: [String: Int] = [:]
        for index in stride(from: 0, to: parts.count, by: 2) {
            counts[try parts[index].asString] = try parts[index + 1].asInt
        }
        return counts
    }

    // MARK: Times

    /// Notes when something happened, by the machine's clock.
    func note(_ event: String, _ index: Int, at time: Date) async throws {
        _ = try await client.send(["HSET", base + "times:" + event, index, Int(time.timeIntervalSince1970 * 1_000_000)])
    }

    /// When something happened, if it has.
    package func time(of event: String, _ index: Int) async throws -> Date? {
        let microseconds = try await client.send(["HGET", base + "times:" + event, index]).nonNull?.asInt
        return microseconds.map { Date(timeIntervalSince1970: Double($0) / 1_000_000) }
    }

    /// One delivery of an activity: which, the how many-th, where, and when it began by the machine's clock.
    package struct Delivery: Sendable {
        package var activity: String
        package var number: Int
        package var worker: String
        package var began: Date
    }

    func note(_ activity: String, delivery: Int, by worker: String) async throws {
        let microseconds = Int(Date.now.timeIntervalSince1970 * 1_000_000)
        _ = try await client.send([
            "RPUSH", base + "notedDeliveries", "\(activity) \(delivery) \(worker) \(microseconds)",
        ])
    }

    /// The deliveries that were noted, in their order.
    package func notedDeliveries() async throws -> [Delivery] {
        try await client.send(["LRANGE", base + "notedDeliveries", 0, -1]).asArray.compactMap { line in
            let words = try line.asString.split(separator: " ").map(String.init)
            guard words.count == 4, let number = Int(words[1]), let time = Double(words[3]) else { return nil }
            return Delivery(
                activity: words[0], number: number, worker: words[2],
                began: Date(timeIntervalSince1970: time / 1_000_000))
        }
    }

    // MARK: Fail points

    /// The first worker that comes to a fail point says so, and waits until it may go on. Others pass.
    func hold(at point: String, by worker: String) async {
        while true {
            if let reply = try? await client.send(["SET", base + "held:" + point, worker, "NX"]) {
                if reply.isNull { return }
                break
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
        while (try? await client.send(["EXISTS", base + "go:" + point]).asInt) != 1 {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The worker that is, or was, held at a fail point.
    package func holder(at point: String) async throws -> String? {
        try await client.send(["GET", base + "held:" + point]).nonNull?.asString
    }

    /// Lets the worker go on.
    package func letGo(_ point: String) async throws {
        try await client.send(["SET", base + "go:" + point, 1])
    }
}

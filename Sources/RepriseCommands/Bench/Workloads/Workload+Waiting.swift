import Foundation
import RedisClient
import Reprise
import RepriseRedis

extension BenchSite {
    /// Starts workflows that sleep 2 seconds; the latencies are how late they go on.
    ///
    /// - Parameter perSecond: how many are started in a second; `nil` starts them together, so that they are due together.
    func sleep(_ round: String, _ count: Int, perSecond: Int? = nil) async throws -> Measurement {
        let probe = BenchProbe.shared
        probe.reset()
        let ahead = try await clockDifference()
        return try await measured(count) { latencies in
            let begin = ContinuousClock.now
            try await inLanes(count, Self.startsInFlight) { index, results in
                if let perSecond {
                    try await Task.sleep(until: begin + .seconds(index) / perSecond, clock: .continuous)
                }
                let handle = try await self.client.start(BenchSleep.self, id: "\(round)-\(index)", 2)
                results.addTask { try await handle.result() }
            }
            for lateness in probe.seconds { latencies.record(seconds: lateness + ahead) }
        }
    }

    /// By how many seconds the clock of the Redis is ahead of this process', to half a round trip.
    private func clockDifference() async throws -> Double {
        let before = Date()
        let time = try await redis.send(["TIME"]).asArray
        let after = Date()
        let server = Double(try time[0].asInteger) + Double(try time[1].asInteger) / 1e6
        return server - (before.timeIntervalSince1970 + after.timeIntervalSince1970) / 2
    }

    /// Starts workflows that sleep for a day. When all do, looks at what they cost while nothing happens.
    func goToSleep(_ round: String, _ count: Int) async throws -> Measurement {
        var measurement = try await startSleepers(round, count)
        measurement.figures = try await idle()
        return measurement
    }

    /// Starts workflows that sleep for a day, until all do.
    func startSleepers(_ round: String, _ count: Int) async throws -> Measurement {
        let probe = BenchProbe.shared
        probe.reset()
        return try await measured(count) { latencies in
            try await inLanes(count, Self.startsInFlight) { index, _ in
                try await latencies.time {
                    try await self.client.start(BenchSleep.self, id: "\(round)-\(index)", 86_400)
                }
            }
            try await probe.reaches(count)
        }
    }

    /// What a second costs in which nothing happens.
    private func idle() async throws -> [String: Double] {
        let seconds = 10
        try await Task.sleep(for: .seconds(1))
        let before = try await UsageReading(redis, workers.map(\.statistics))
        try await Task.sleep(for: .seconds(seconds))
        let usage = Usage(from: before, to: try await UsageReading(redis, workers.map(\.statistics)), per: seconds)
        var figures = ["idleCallsPerSecond": usage.calls, "idleProcessCPUMillisecondsPerSecond": usage.processCPU]
        figures["idleCommandsPerSecond"] = usage.commands
        figures["idleRedisCPUMillisecondsPerSecond"] = usage.redisCPU
        return figures
    }

    /// Replays one long history 20 times, as a worker does that doesn't have the run in memory; reading it is a part of that.
    func replay(_ round: String, entries: Int) async throws -> Measurement {
        // An activity leaves two entries.
        let handle = try await startSequence(round, max(entries / 2, 1))
        _ = try await handle.result()
        let debugger = WorkflowDebugger(backend: backend)
        let replays = 20
        var measurement = try await measured(replays) { latencies in
            for _ in 0..<replays {
                try await latencies.time { _ = try await debugger.variables(of: BenchSequence.self, id: round) }
            }
        }
        let recorded = try await handle.describe().lastEntry
        measurement.figures["entriesPerSecond"] = Double(recorded) * measurement.throughput
        return measurement
    }

    /// Sends signals to a workflow, each when its handler has run for the one before.
    func signal(_ round: String, _ count: Int) async throws -> Measurement {
        let probe = BenchProbe.shared
        probe.reset()
        let handle = try await client.start(BenchSignals.self, id: round, count)
        let measurement = try await measured(count) { latencies in
            for index in 0..<count {
                try await latencies.time {
                    try await handle.signal(BenchSignals.take, BenchOrder(id: round, amount: index))
                    try await probe.reaches(index + 1)
                }
            }
        }
        _ = try await handle.result()
        return measurement
    }

    /// Sends commands to the Redis, each when the one before was answered: what the others are made of.
    func roundTrips(_ count: Int) async throws -> Measurement {
        let script = RedisScript("return ARGV[1]")
        _ = try await redis.send(script.call(arguments: ["first"]))
        let scripts = Latencies()
        for _ in 0..<count { try await scripts.time { _ = try await redis.send(script.call(arguments: ["next"])) } }
        var measurement = try await measured(count, connections: { [self.redis.statistics] }) { latencies in
            for _ in 0..<count { try await latencies.time { _ = try await redis.send(["PING"]) } }
        }
        measurement.figures["scriptMilliseconds"] = scripts.percentiles?.p50
        return measurement
    }
}

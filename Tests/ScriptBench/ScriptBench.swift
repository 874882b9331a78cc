import ArgumentParser
import RedisTestServer
import RepriseRedis

/// Shows how long Redis is kept by one call in situations that are as large as they get, on a private Redis.
@main
struct ScriptBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "script-bench",
        abstract: "Measures the slowest call in each situation that is as large as it gets.")

    @Option(help: "How many runs are open, and timers due at once. A million take 2 GB.")
    var runs = 1_000_000
    @Option(help: "How large the others are: open operations, commands of a turn, pending signals.")
    var size = 10_000
    @Option(help: "How long the history is, in entries.")
    var history = 50_000
    @Option(help: "How often each is measured. Of each call the fastest counts: other programs get in the way.")
    var rounds = 5
    @Option(
        help:
            "Only these of bytes, turns, ends, families, signals, history, workers, runs, and upkeep and timers (which need runs)."
    )
    var only: [String] = []
    @Option(help: "Fail if a call takes longer, in milliseconds.")
    var limit: Double?

    func run() async throws {
        let server = try await RedisTestServer.start([
            "--stream-node-max-bytes", "512", "--slowlog-log-slower-than", "0", "--slowlog-max-len", "1000000",
        ])
        do {
            let worst = try await measure(server)
            await server.stop()
            if let limit, worst > limit { throw ExitCode.failure }
        } catch {
            await server.stop()
            throw error
        }
    }

    private func measure(_ server: RedisTestServer) async throws -> Double {
        let scene = try await Scene(server.url, rounds: rounds)
        do {
            scene.meter.show("| situation | calls | slowest | ms |\n|---|---|---|---|")
            let situations: [(name: String, measure: () async throws -> Void)] = [
                ("bytes", { try await scene.bytes() }),
                ("turns", { try await scene.turns(of: size) }),
                ("ends", { try await scene.ends(of: size) }),
                ("families", { try await scene.families(of: size) }),
                ("signals", { try await scene.signals(size) }),
                ("history", { try await scene.history(of: history) }),
                ("workers", { try await scene.workers(holding: size) }),
                ("runs", { try await scene.openRuns(runs) }),
                ("upkeep", { try await scene.upkeep(runs, size) }),
                ("timers", { try await scene.dueTimers(runs) }),
            ]
            for situation in situations where only.isEmpty || only.contains(situation.name) {
                try await situation.measure()
            }
            await scene.close()
            return scene.meter.worst
        } catch {
            await scene.close()
            throw error
        }
    }
}

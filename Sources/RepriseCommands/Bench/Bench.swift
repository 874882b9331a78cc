import ArgumentParser
import Foundation
import RedisClient
import UnixSignals

/// What `reprise bench` is to do.
struct Bench: Sendable {
    var configuration: RedisConfiguration
    var workloads: [Workload]
    var growth: [GrowthScene]
    /// Where plots of how costs grow are written; `nil` for none.
    var plots: URL?
    /// `nil`: what suits each workload.
    var runs: Int?
    var scale: Double
    var durability: Durability?
    var printsJSON: Bool

    /// Does it, until it is interrupted: then everything is removed first.
    ///
    /// - Throws: `ExitCode` as shells have it after an interruption, `BackendError`, `RedisError`.
    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await measure() }
            group.addTask {
                for await signal in await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup) {
                    throw ExitCode(128 + signal.rawValue)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func measure() async throws {
        let redis = RedisClient(configuration: configuration, logger: .quiet)
        let result: Result<Void, any Error>
        do {
            try await redis.connect()
            if let durability {
                result = .success(try await durability.during(redis) { try await report(redis) })
            } else {
                result = .success(try await report(redis))
            }
        } catch { result = .failure(error) }
        await redis.shutdown()
        try result.get()
    }

    private func report(_ redis: RedisClient) async throws {
        var report = BenchReport(setting: try await BenchSetting(redis))
        if !printsJSON { show(report.setting.text) }
        for workload in workloads {
            let next = try await measure(workload)
            if !printsJSON { show("\n" + next.text) }
            report.workloads.append(next)
        }
        if let plots { try FileManager.default.createDirectory(at: plots, withIntermediateDirectories: true) }
        let effort = GrowthEffort(configuration: configuration, runs: runs ?? 3, scale: scale)
        for scene in growth {
            let next = try await scene.measure(effort)
            let plot = try plot(next, report.setting)
            if !printsJSON { show("\n" + next.markdown(plot: plot)) }
            report.growth.append(next)
        }
        if printsJSON { show(try report.json()) }
    }

    private func measure(_ workload: Workload) async throws -> WorkloadReport {
        let size = scaled(workload.size)
        let runs = runs ?? (workload.isQuick ? 5 : 1)
        return try await BenchSite.with(configuration, workers: workload.workers) { site in
            // Connections, scripts, caches and memory are there after it.
            _ = try await site.startTogether("warm-up", scaled(500), activities: 1)
            let floor = workload == .oneActivity ? try await Floor(site) : nil
            _ = try await floor?.run("floor-warm-up", scaled(500))
            var (measurements, floors): ([Measurement], [Measurement]) = ([], [])
            for index in 1...runs {
                measurements.append(try await workload.run(on: site, round: "run-\(index)", size: size))
                if let floor { floors.append(try await floor.run("floor-\(index)", size)) }
            }
            return WorkloadReport(workload, size: size, runs: measurements, floors: floors)
        }
    }

    /// Writes a plot, if it is to.
    ///
    /// - Returns: where it is, for a document beside its folder.
    private func plot(_ growth: GrowthReport, _ setting: BenchSetting) throws -> String? {
        guard let plots else { return nil }
        let file = plots.appending(path: "\(growth.scene.rawValue).svg")
        try Data(growth.plot(setting: setting.summary).svg().utf8).write(to: file)
        return "\(plots.lastPathComponent)/\(file.lastPathComponent)"
    }

    private func scaled(_ size: Int) -> Int { max(Int((Double(size) * scale).rounded()), 1) }

    /// At once, also into a file.
    private func show(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}

import RedisClient
import Reprise

/// How much is measured at each size.
struct GrowthEffort: Sendable {
    var configuration: RedisConfiguration
    /// How often. The run of the median time counts.
    var runs: Int
    var scale: Double

    func scaled(_ size: Int) -> Int { max(Int((Double(size) * scale).rounded()), 1) }

    func repeated(_ body: (Int) async throws -> Measurement) async throws -> [Measurement] {
        var measurements: [Measurement] = []
        for index in 1...runs { measurements.append(try await body(index)) }
        return measurements
    }
}

extension GrowthScene {
    /// Measures each size, in a namespace of its own.
    func measure(_ effort: GrowthEffort) async throws -> GrowthReport {
        var series: [GrowthReport.Series] = []
        for size in sizes(effort.scaled) {
            for (name, runs) in try await measure(effort, size) {
                if series.last(where: { $0.name == name }) == nil { series.append(.init(name: name, points: [])) }
                for index in series.indices where series[index].name == name {
                    series[index].points.append(.init(size: size, runs: runs))
                }
            }
        }
        return GrowthReport(self, series)
    }

    /// - Returns: by the names of the series.
    private func measure(_ effort: GrowthEffort, _ size: Int) async throws -> KeyValuePairs<String, [Measurement]> {
        let processes = self == .workers ? size : 0
        return try await BenchSite.with(
            effort.configuration, workers: self == .workers ? 0 : 1, processes: processes, isWorking: self != .queue
        ) { site in
            switch self {
            case .finished: return try await site.withFinished(size, effort)
            case .open: return try await site.withOpen(size, effort)
            case .steps: return ["": try await site.steps(size, effort)]
            case .workers: return ["": try await site.processes(effort)]
            case .queue: return ["": try await site.backlog(size, effort)]
            case .history: return ["": try await site.histories(size, effort)]
            }
        }
    }
}

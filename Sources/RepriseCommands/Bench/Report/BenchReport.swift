import Foundation
import RedisClient

/// What the bench has found.
struct BenchReport: Encodable, Sendable {
    var setting: BenchSetting
    var workloads: [WorkloadReport] = []
    var growth: [GrowthReport] = []

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}

/// How one workload went.
struct WorkloadReport: Encodable, Sendable {
    var workload: Workload
    var summary: String
    var size: Int
    /// All runs, in their order.
    var runs: [Measurement]
    /// The one of them that took the median time.
    var median: Measurement
    /// The same calls without an engine, after each run; empty where that isn't measured.
    var floors: [Measurement]
    /// The one of them that took the median time.
    var floor: Measurement?
    /// The throughput as a share of the floor's.
    var engineToFloor: Double?

    init(_ workload: Workload, size: Int, runs: [Measurement], floors: [Measurement]) {
        self.workload = workload
        self.size = size
        self.runs = runs
        self.floors = floors
        summary = workload.summary
        median = runs.median
        floor = floors.isEmpty ? nil : floors.median
        engineToFloor = floor.map { [median] in median.throughput / $0.throughput }
    }
}

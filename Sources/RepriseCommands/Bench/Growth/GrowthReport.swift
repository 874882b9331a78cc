/// How the costs of something grow.
struct GrowthReport: Encodable, Sendable {
    var scene: GrowthScene
    var summary: String
    /// Whose cost it is.
    var unit: String
    /// Each way of measuring, by the sizes in their order.
    var series: [Series]

    struct Series: Encodable, Sendable {
        /// Empty if there is only one.
        var name: String
        var points: [Point]
    }

    struct Point: Encodable, Sendable {
        var size: Int
        /// All runs, in their order.
        var runs: [Measurement]
        /// The one of them that took the median time.
        var median: Measurement

        init(size: Int, runs: [Measurement]) {
            self.size = size
            self.runs = runs
            median = runs.median
        }
    }

    init(_ scene: GrowthScene, _ series: [Series]) {
        self.scene = scene
        self.series = series
        summary = scene.summary
        unit = scene.unit
    }
}

/// What is told of a measurement to show how costs grow.
enum GrowthCost: CaseIterable {
    case commands, redisCPU, processCPU, time

    var title: String {
        switch self {
        case .commands: "commands in Redis"
        case .redisCPU: "CPU of Redis, ms"
        case .processCPU: "CPU of client and worker, ms"
        case .time: "time, ms"
        }
    }

    /// `nil` if the Redis' user may not read it.
    func value(_ measurement: Measurement) -> Double? {
        switch self {
        case .commands: measurement.usage.commands
        case .redisCPU: measurement.usage.redisCPU
        case .processCPU: measurement.usage.processCPU
        case .time: measurement.seconds * 1000 / Double(max(measurement.count, 1))
        }
    }
}

import Reprise

extension Workload {
    /// Runs it once.
    ///
    /// - Parameter round: names the workflows: each id is used once.
    func run(on site: BenchSite, round: String, size: Int) async throws -> Measurement {
        switch self {
        case .oneActivity: try await site.startTogether(round, size, activities: 1)
        case .oneAtATime: try await site.oneAtATime(round, size, activities: 1)
        case .sequence: try await site.oneAtATime(round, size, activities: 100)
        case .fanOut: try await site.fanOut(round, size)
        case .sleeping: try await site.sleep(round, size)
        case .timers: try await site.sleep(round, size, perSecond: BenchSite.startsPerSecond)
        case .twoWorkers: try await site.startTogether(round, size, activities: 10)
        case .sleepers: try await site.goToSleep(round, size)
        case .replay: try await site.replay(round, entries: size)
        case .signals: try await site.signal(round, size)
        case .largePayloads: try await site.echo(round, size)
        case .roundTrips: try await site.roundTrips(size)
        }
    }
}

extension BenchSite {
    /// How many starts are under way when workflows are started together.
    static let startsInFlight = 64
    /// How many workflows are started in a second when they are not started together.
    static let startsPerSecond = 500

    /// Starts workflows of some sequential activities as fast as the Redis takes them, and waits for all results.
    func startTogether(_ round: String, _ count: Int, activities: Int) async throws -> Measurement {
        try await measured(count) { latencies in
            try await inLanes(count, Self.startsInFlight) { index, results in
                let begin = ContinuousClock.now
                let handle = try await self.startSequence("\(round)-\(index)", activities)
                results.addTask {
                    _ = try await handle.result()
                    latencies.record(begin.duration(to: .now))
                }
            }
        }
    }

    /// Runs one workflow of some sequential activities after the other.
    func oneAtATime(_ round: String, _ count: Int, activities: Int) async throws -> Measurement {
        try await measured(count) { latencies in
            for index in 0..<count {
                try await latencies.time {
                    _ = try await startSequence("\(round)-\(index)", activities).result()
                }
            }
        }
    }

    /// Runs one workflow of 500 parallel activities after the other.
    func fanOut(_ round: String, _ count: Int) async throws -> Measurement {
        try await measured(count) { latencies in
            for index in 0..<count {
                try await latencies.time {
                    _ = try await client.start(BenchFanOut.self, id: "\(round)-\(index)", 500).result()
                }
            }
        }
    }

    /// Hands large texts through workflows and activities, eight at a time.
    func echo(_ round: String, _ count: Int) async throws -> Measurement {
        let text = String(repeating: "0123456789abcdef", count: 1 << 16)
        return try await measured(count) { latencies in
            try await inLanes(count, 8) { index, _ in
                try await latencies.time {
                    _ = try await self.client.start(BenchEcho.self, id: "\(round)-\(index)", text).result()
                }
            }
        }
    }

    func startSequence(_ id: String, _ activities: Int) async throws -> WorkflowHandle<BenchSequence> {
        let order = BenchOrder(id: id, amount: 100)
        return try await client.start(BenchSequence.self, id: id, .init(order: order, activities: activities))
    }
}

/// Does something for each number below `count`, for so many at a time. What it adds to its group is waited for at the end.
func inLanes(
    _ count: Int, _ lanes: Int,
    _ body: @escaping @Sendable (Int, inout ThrowingDiscardingTaskGroup<any Error>) async throws -> Void
) async throws {
    try await withThrowingDiscardingTaskGroup { group in
        for lane in 0..<min(lanes, count) {
            group.addTask {
                try await withThrowingDiscardingTaskGroup { later in
                    for index in stride(from: lane, to: count, by: lanes) { try await body(index, &later) }
                }
            }
        }
    }
}

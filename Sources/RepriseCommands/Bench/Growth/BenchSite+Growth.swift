import Reprise
import RepriseRedis

extension BenchSite {
    typealias Series = KeyValuePairs<String, [Measurement]>

    /// Connections, scripts and caches are there after it.
    private func warmUp(_ effort: GrowthEffort) async throws {
        _ = try await startTogether("warm-up", effort.scaled(500), activities: 1)
    }

    /// When so many have finished before. They are filled in by the calls that a worker makes, without an engine.
    func withFinished(_ size: Int, _ effort: GrowthEffort) async throws -> Series {
        try await warmUp(effort)
        let floor = try await Floor(self)
        // A worker of the floor doesn't renew its lease: it must not take too long.
        for first in stride(from: 0, to: size, by: 50_000) {
            _ = try await floor.run("fill-\(first)", min(50_000, size - first))
        }
        return try await bothWays(effort) {
            // What was measured before has finished, too: the newest stay.
            try await self.backend.sweep(keeping: Retention(age: nil, count: size, bytes: nil))
        }
    }

    /// While so many others sleep.
    func withOpen(_ size: Int, _ effort: GrowthEffort) async throws -> Series {
        try await warmUp(effort)
        _ = try await startSleepers("fill", size)
        return try await bothWays(effort) {}
    }

    /// Measures workflows of one activity, alone and together.
    private func bothWays(_ effort: GrowthEffort, _ prepare: () async throws -> Void) async throws -> Series {
        var (alone, together): ([Measurement], [Measurement]) = ([], [])
        for index in 1...effort.runs {
            try await prepare()
            try await Durability.finishRewriting(redis)
            alone.append(try await oneAtATime("alone-\(index)", effort.scaled(500), activities: 1))
            try await prepare()
            together.append(try await startTogether("together-\(index)", effort.scaled(2000), activities: 1))
        }
        return ["one at a time": alone, "\(Self.startsInFlight) at a time": together]
    }

    /// What an activity costs in a workflow of so many.
    func steps(_ size: Int, _ effort: GrowthEffort) async throws -> [Measurement] {
        try await warmUp(effort)
        let workflows = max(effort.scaled(10_000) / size, 1)
        return try await effort.repeated { run in
            try await measured(workflows * size) { _ in
                for index in 0..<workflows { _ = try await startSequence("run-\(run)-\(index)", size).result() }
            }
        }
    }

    /// With the worker processes of the site.
    func processes(_ effort: GrowthEffort) async throws -> [Measurement] {
        try await warmUp(effort)
        return try await effort.repeated { run in
            try await startTogether("run-\(run)", effort.scaled(5000), activities: 1)
        }
    }

    /// Starts so many before a worker begins, and then waits for all.
    func backlog(_ size: Int, _ effort: GrowthEffort) async throws -> [Measurement] {
        try await working { try await self.warmUp(effort) }
        return try await effort.repeated { run in
            try await measured(size) { _ in
                let handles = try await startAll("run-\(run)", size)
                try await working {
                    try await inLanes(size, Self.startsInFlight) { index, _ in _ = try await handles[index].result() }
                }
            }
        }
    }

    private func startAll(_ round: String, _ count: Int) async throws -> [WorkflowHandle<BenchSequence>] {
        let lanes = Self.startsInFlight
        return try await withThrowingTaskGroup { group in
            for lane in 0..<min(lanes, count) {
                group.addTask {
                    var handles: [(Int, WorkflowHandle<BenchSequence>)] = []
                    for index in stride(from: lane, to: count, by: lanes) {
                        handles.append((index, try await self.startSequence("\(round)-\(index)", 1)))
                    }
                    return handles
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// What an entry costs when a history of so many is read and replayed.
    func histories(_ size: Int, _ effort: GrowthEffort) async throws -> [Measurement] {
        // An activity leaves two entries, the start and the end one each.
        let handle = try await startSequence("long", max(size / 2 - 2, 1))
        _ = try await handle.result()
        let entries = try await handle.describe().lastEntry
        let debugger = WorkflowDebugger(backend: backend)
        let replays = max(effort.scaled(200_000) / entries, 1)
        return try await effort.repeated { _ in
            try await measured(entries * replays) { _ in
                for _ in 0..<replays { _ = try await debugger.variables(of: BenchSequence.self, id: "long") }
            }
        }
    }
}

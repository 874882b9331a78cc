import FaultWorker
import Reprise
import RepriseRedis
import Testing

/// A few runs that make a worker come to a kill point.
struct PointLoad: Sendable {
    fileprivate var runs: [(run: RunID, input: Load.Input)] = []
    fileprivate var held: WorkflowHandle<Held>?
    fileprivate var stumbling: WorkflowHandle<Stumbling>?

    /// Waits for the results, and judges them.
    func verify(at site: FaultSite, comment: Comment) async throws {
        for (run, input) in runs {
            let result = try await site.client.handle(Load.self, id: run.workflowID).result(timeout: .patience)
            #expect(result == input.expectedSum, comment)
        }
        // Held where it was begun, until it came to another worker.
        if let held { #expect(try await held.result(timeout: .patience) == "successor", comment) }
        try await stumbling?.result(timeout: .patience)

        var problems: [String] = []
        let executions = try await site.store.executions()
        var repeated = 0
        for (run, input) in runs {
            problems += try await HistoryCheck(site.judge, run).problems(
                activities: input.activities, timers: input.timers, signals: 2)
            for operation in input.activities {
                let count = executions["\(run)/\(operation)", default: 0]
                if count == 0 { problems.append("activity \(run)/\(operation) was never executed") }
                if count > 1 { repeated += 1 }
            }
        }
        #expect(problems == [], comment)
        let activities = runs.reduce(0) { $0 + $1.input.activities.count }
        Figures.shared.add(
            runs: runs.count + (held == nil ? 0 : 1) + (stumbling == nil ? 0 : 1), activities: activities,
            repeated: repeated, violations: problems.count)
    }
}

extension FaultSite {
    /// Starts runs that need a kind of call.
    func startLoad(for call: KillPoint.Call, seeds: ClosedRange<Int> = 1...2) async throws -> PointLoad {
        var load = PointLoad()
        var inputs = seeds.map { Load.Input(seed: $0, steps: 2, width: 2, toil: $0 % 2 * 300) }
        switch call {
        // Its effects don't fit into one script.
        case .stage, .apply: inputs = [Load.Input(seed: 1, steps: 0, width: 520)]
        case .releaseWorkflow: load.stumbling = try await client.start(Stumbling.self, id: "stumbling")
        case .releaseActivity, .unregister:
            load.held = try await client.start(Held.self, id: "held", .init(point: "point", inActivity: true))
        default: break
        }
        for input in inputs {
            let request = LoadRequest(input)
            let run = try await backend.start(request.start)
            for signal in request.signals {
                _ = try await backend.signal(signal, workflowID: run.workflowID, runNumber: run.number)
            }
            load.runs.append((run, input))
        }
        return load
    }

    /// Starts a worker, and lets it come to a kill point.
    func worker(_ name: String, stoppedAt point: KillPoint, by proxy: FaultProxy) async throws -> WorkerProcess {
        proxy.stop(at: point)
        let worker = try worker(name, url: proxy.url)
        try await provoke(point.call, of: worker, through: proxy)
        do {
            try await eventually("\(point) is reached", within: .seconds(20)) { proxy.isReached }
        } catch {
            throw NeverHappened(description: "\(error):\n\(worker.log.suffix(3000))")
        }
        Figures.shared.add(faults: 1)
        return worker
    }

    /// Makes a worker make a kind of call that it makes only if something happens.
    private func provoke(_ call: KillPoint.Call, of worker: WorkerProcess, through proxy: FaultProxy) async throws {
        switch call {
        case .recover:
            try await eventually("a call of \(worker.name) fails") {
                proxy.cutAll()
                try await Task.sleep(for: .milliseconds(100))
                return proxy.isReached
            }
        case .releaseActivity, .unregister:
            try await eventually("\(worker.name) holds an activity") {
                try await store.holder(at: "point") == worker.name
            }
            worker.terminate()
        default: break
        }
    }
}

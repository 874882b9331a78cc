import FaultWorker
import Foundation
import NIOConcurrencyHelpers
import Reprise
import RepriseRedis
import Testing

/// Starts runs of ``Load``, signals them, and waits for their results, while a store may be away.
final class LoadDriver: Sendable {
    /// How a load is.
    struct Shape: Sendable {
        /// At least so many runs; it goes on while the disturbance does.
        var count: Int
        /// Whether it ends after `count` runs.
        var isLimited = false
        /// So many runs at a time.
        var concurrency = 40
        /// How long the activities of a run's fan-out take at least.
        var toil = 0
        /// Whether the store may lose what it has acknowledged: then clients make their requests again.
        var mayLose = false
        /// Whether an attempt of an activity may be begun more than once: its worker may die, or be told to stop.
        var mayRepeat = false
    }

    /// What the store has acknowledged to the clients.
    let journal = Journal()
    private let site: FaultSite
    private let shape: Shape
    private let runs = NIOLockedValueBox<[Int: RunID]>([:])
    private let finished = NIOLockedValueBox(0)
    private let isEnough: NIOLockedValueBox<Bool>

    private init(_ site: FaultSite, _ shape: Shape) {
        self.site = site
        self.shape = shape
        isEnough = NIOLockedValueBox(shape.isLimited)
    }

    var finishedCount: Int { finished.withLockedValue { $0 } }

    /// Runs a load beside a disturbance, then verifies it all.
    static func run(
        _ shape: Shape, at site: FaultSite, comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        during disturbance: (LoadDriver) async throws -> Void
    ) async throws {
        let driver = LoadDriver(site, shape)
        let load = Task { try await driver.work() }
        do {
            try await disturbance(driver)
            driver.isEnough.withLockedValue { $0 = true }
            try await load.value
            try await driver.verify(comment, sourceLocation)
        } catch {
            load.cancel()
            let unfinished = await driver.unfinished()
            Issue.record(error, "\(comment?.rawValue ?? "") unfinished: \(unfinished)", sourceLocation: sourceLocation)
        }
    }

    static func run(
        _ count: Int, at site: FaultSite, sourceLocation: SourceLocation = #_sourceLocation,
        during disturbance: (LoadDriver) async throws -> Void
    ) async throws {
        try await run(Shape(count: count), at: site, sourceLocation: sourceLocation, during: disturbance)
    }

    private func work() async throws {
        var requests: [LoadRequest] = []
        try await withThrowingTaskGroup(of: Void.self) { group in
            while requests.count < shape.count || !isEnough.withLockedValue({ $0 }) {
                if requests.count >= shape.concurrency { try await group.next() }
                let request = LoadRequest(Load.Input(seed: requests.count, toil: shape.toil))
                group.addTask {
                    try await self.perform(request)
                    self.finished.withLockedValue { $0 += 1 }
                }
                requests.append(request)
            }
            try await group.waitForAll()
        }
        // What was acknowledged may have been lost since.
        guard shape.mayLose else { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in requests { group.addTask { try await self.perform(request) } }
            try await group.waitForAll()
        }
    }

    /// The same requests again, when it isn't known what became of them, or they were lost: they must have no second
    /// effect.
    private func perform(_ request: LoadRequest) async throws {
        while true {
            do {
                return try await performOnce(request)
            } catch let error as BackendError where shape.mayLose && error.code == .runNotFound {
                continue
            } catch is WaitTimeout where shape.mayLose {
                continue
            }
        }
    }

    private func performOnce(_ request: LoadRequest) async throws {
        let run = try await site.untilAvailable { try await site.backend.start(request.start) }
        journal.note(.started(run))
        runs.withLockedValue { $0[request.input.seed] = run }
        for signal in request.signals {
            do {
                _ = try await site.untilAvailable {
                    try await site.backend.signal(signal, workflowID: run.workflowID, runNumber: run.number)
                }
                journal.note(.signalled(run, id: signal.id))
            } catch let error as BackendError where error.code == .runClosed {
                // It was sent before, and its reply was lost: the run can't end without it.
            }
        }
        let handle = try await site.untilAvailable {
            try await site.client.handle(Load.self, id: run.workflowID, runNumber: run.number)
        }
        let timeout: Duration = shape.mayLose ? .seconds(3) : .patience
        let result = try await site.untilAvailable { try await handle.result(timeout: timeout) }
        journal.note(.completed(run))
        #expect(result == request.input.expectedSum, "the sum of \(run)")
    }

    /// For the message of a failed test.
    private func unfinished() async -> String {
        var lines: [String] = []
        lines.append("violations: \((try? await site.judge.checkInvariants()) ?? [])")
        for run in runs.withLockedValue({ $0.values }).prefix(1000) {
            guard
                let description = try? await site.judge.describe(workflowID: run.workflowID, runNumber: run.number),
                !description.state.isClosed
            else { continue }
            lines.append("\(run) \(description.state) \(description.reason ?? "")")
        }
        return lines.prefix(20).joined(separator: "\n")
    }

    // MARK: Judging

    private func verify(_ comment: Comment?, _ sourceLocation: SourceLocation) async throws {
        var expected: Set<String> = []
        var problems: [String] = []
        let runs = runs.withLockedValue { $0 }
        for (seed, run) in runs {
            let input = Load.Input(seed: seed, toil: shape.toil)
            for operation in input.activities { expected.insert("\(run)/\(operation)") }
            let description = try await site.judge.describe(workflowID: run.workflowID, runNumber: run.number)
            if description.state != .completed {
                problems.append("\(run) is \(description.state): \(description.reason ?? "")")
            }
            problems += try await HistoryCheck(site.judge, run).problems(
                activities: input.activities, timers: input.timers, signals: 2)
        }
        let executions = try await site.store.executions()
        let deliveries = try await site.store.deliveries()
        for key in expected.subtracting(executions.keys) { problems.append("activity \(key) was never executed") }
        if !shape.mayLose {
            for key in Set(executions.keys).subtracting(expected) where key.contains("load-") {
                problems.append("activity \(key) was executed, and nobody scheduled it")
            }
        }
        let repeated = expected.filter { executions[$0, default: 0] > 1 }
        if !shape.mayRepeat {
            for (key, count) in try await site.store.beginnings() where count > 1 {
                problems.append("attempt \(key) was begun \(count) times, though its worker lived")
            }
        }
        print(
            """
            \(runs.count) runs, \(expected.count) activities, \(repeated.count) executed more than once, \
            \(deliveries.values.filter { $0 > 1 }.count) delivered more than once
            """)
        Figures.shared.add(
            runs: runs.count, activities: expected.count, repeated: repeated.count, violations: problems.count)
        #expect(problems.prefix(20) == [], comment, sourceLocation: sourceLocation)
    }
}

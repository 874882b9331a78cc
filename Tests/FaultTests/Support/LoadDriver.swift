import FaultWorker
import Foundation
import Reprise
import RepriseRedis
import NIOConcurrencyHelpers
import Testing

/// Starts runs of ``Load``, signals them, and waits for their results, while a store may be away.
final class LoadDriver: Sendable {
    /// A run that was started, and with what.
    struct Started: Sendable {
        var run: RunID
        var input: Load.Input
    }

    private let site: FaultSite
    private let started = NIOLockedValueBox<[Started]>([])
    private let finished = NIOLockedValueBox(0)
    private let isEnough = NIOLockedValueBox(false)

    init(_ site: FaultSite) { self.site = site }

    /// The runs whose start was acknowledged.
    var runs: [Started] { started.withLockedValue { $0 } }
    var finishedCount: Int { finished.withLockedValue { $0 } }

    /// Runs a load of at least `count` runs, so many at a time; it goes on while the disturbance does, unless it has a
    /// limit. Then verifies it all.
    static func run(
        _ count: Int, at site: FaultSite, isLimited: Bool = false, concurrency: Int = 40, comment: Comment? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
        during disturbance: (LoadDriver) async throws -> Void
    ) async throws {
        let driver = LoadDriver(site)
        driver.isEnough.withLockedValue { $0 = isLimited }
        let load = Task { try await driver.work(count, concurrency) }
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

    private func work(_ count: Int, _ concurrency: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var next = 0
            while next < count || !isEnough.withLockedValue({ $0 }) {
                if next >= concurrency { try await group.next() }
                let seed = next
                group.addTask { try await self.perform(Load.Input(seed: seed)) }
                next += 1
            }
            try await group.waitForAll()
        }
    }

    private func perform(_ input: Load.Input) async throws {
        let id = "load-\(input.seed)"
        // The same requests again, when it isn't known what became of them: they must have no second effect.
        let request = StartRequest(
            requestID: UUID().uuidString, workflowID: id, queue: "default",
            record: StartRecord(type: Load.name, version: "", input: Array(try JSONEncoder().encode(input))))
        let run = try await site.untilAvailable { try await site.backend.start(request) }
        started.withLockedValue { $0.append(Started(run: run, input: input)) }
        for (name, amount) in [(Load.addBonus.name, input.bonusAmount), (Load.approved.name, input.approvedAmount)] {
            let signal = SignalRecord(id: UUID().uuidString, name: name, payload: Array("\(amount)".utf8))
            _ = try await site.untilAvailable {
                try await site.backend.signal(signal, workflowID: id, runNumber: run.number)
            }
        }
        let handle = try await site.untilAvailable { try await site.client.handle(Load.self, id: id) }
        let result = try await site.untilAvailable { try await handle.result(timeout: .patience) }
        #expect(result == input.expectedSum, "the sum of \(run)")
        finished.withLockedValue { $0 += 1 }
    }

    /// For the message of a failed test.
    private func unfinished() async -> String {
        var lines: [String] = []
        lines.append("violations: \((try? await site.backend.checkInvariants()) ?? [])")
        for run in runs.prefix(1000) {
            guard
                let description = try? await site.backend.describe(
                    workflowID: run.run.workflowID, runNumber: run.run.number), !description.state.isClosed
            else { continue }
            lines.append("\(run.run) \(description.state) \(description.reason ?? "")")
        }
        return lines.prefix(20).joined(separator: "\n")
    }

    // MARK: Judging

    private func verify(_ comment: Comment?, _ sourceLocation: SourceLocation) async throws {
        var expected: Set<String> = []
        var problems: [String] = []
        for run in runs {
            for operation in run.input.activities { expected.insert("\(run.run)/\(operation)") }
            let description = try await site.backend.describe(
                workflowID: run.run.workflowID, runNumber: run.run.number)
            if description.state != .completed {
                problems.append("\(run.run) is \(description.state): \(description.reason ?? "")")
            }
            problems += try await HistoryCheck(site.backend, run.run).problems(
                activities: run.input.activities, timers: run.input.timers, signals: 2)
        }
        let executions = try await site.store.executions()
        for key in expected.subtracting(executions.keys) { problems.append("activity \(key) was never executed") }
        for key in Set(executions.keys).subtracting(expected) where key.contains("load-") {
            problems.append("activity \(key) was executed, and nobody scheduled it")
        }
        let deliveries = try await site.store.deliveries()
        print(
            """
            \(runs.count) runs, \(expected.count) activities, \(executions.values.filter { $0 > 1 }.count) executed more \
            than once, \(deliveries.values.filter { $0 > 1 }.count) delivered more than once
            """)
        #expect(problems == [], comment, sourceLocation: sourceLocation)
    }
}

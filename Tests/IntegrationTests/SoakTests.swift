import CSanitizers
import Foundation
import RedisClient
import Reprise
import RepriseRedis
import Synchronization
import Testing

private let echo = Activity<String, String>("echo", retry: .exponential())

/// Carries its input through an activity, some of them after a nap or through a child.
private final class Carrying: Workflow {
    struct Input: Codable, Sendable { var text: String; var naps = false; var hasChild = false }
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        if input.naps { try await context.sleep(for: .milliseconds(100)) }
        if input.hasChild { return try await context.executeChild(Carrying.self, .init(text: input.text)) }
        return try await context.execute(echo, input.text).count
    }
}

/// What producers, workers and a watch see.
private final class Ledger: Sendable {
    struct Counts {
        var accepted: Set<String> = []
        var executed: [String: Int] = [:]
        var refused = 0
        var peak = 0
        var peakOpen = 0
        /// How many activities had been executed after each second.
        var perSecond: [Int] = []
    }

    let counts = Mutex(Counts())
    let isOver = Mutex(false)

    func read<Value>(_ body: (Counts) -> Value) -> Value { counts.withLock { body($0) } }
    func note(_ change: (inout Counts) -> Void) { counts.withLock { change(&$0) } }
}

/// More work than the Redis can hold. `REPRISE_SOAK_SECONDS` makes it longer. It needs the machine: `./dev test` runs it
/// apart from the rest.
@Suite(.serialized) struct SoakTests {
    private static let seconds =
        Int(ProcessInfo.processInfo.environment["REPRISE_SOAK_SECONDS"] ?? "") ?? (isSanitized() ? 90 : 12)
    private static let options = ["--maxmemory", "64mb", "--maxmemory-policy", "noeviction"]
    private static let limit = 64 << 20
    private static let text = String(repeating: "x", count: 6000)

    @Test func `A Redis of 64 MB goes on under twice the load that it can hold`() async throws {
        let retention = Retention(count: 5000, bytes: 16 << 20)
        try await OwnRedis.with(Self.options, retention: retention) { own in
            let ledger = Ledger()
            let producers = 8
            try await working(own, ledger) {
                let watching = Task { try await watch(own, ledger) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for producer in 0..<producers {
                        group.addTask { try await produce(own, ledger, producer, for: .seconds(Self.seconds)) }
                    }
                    try await group.waitForAll()
                }
                // A slow machine gets the time that it needs.
                var producer = producers
                let end = ContinuousClock.now + .seconds(240)
                while payloads(ledger) <= 2 * Self.limit, .now < end {
                    try await produce(own, ledger, producer, for: .seconds(1))
                    producer += 1
                }
                let open = try await own.count("open")
                try await own.site.until("all that was accepted has ended", within: .seconds(120)) {
                    try await own.count("open") == 0
                }
                ledger.isOver.withLock { $0 = true }
                try await watching.value
                report("soak", ledger, open: open)
            }
            try await expectNothingLost(own, ledger)
            print("soak: accepted payloads in MiB:", payloads(ledger) >> 20)
            #expect(payloads(ledger) > 2 * Self.limit, "the load was too small to tell anything")
            #expect(ledger.read { $0.refused } > 0, "the Redis was never full")
            // Beyond the limit is what running work needs: each open run may still get a turn and a result, and the operation
            // has its input, too; and what closed since the last sweep.
            let growth = ledger.read { $0.peakOpen } * (2 * Self.text.utf8.count + 2048)
            #expect(ledger.read { $0.peak } < Self.limit + growth + (8 << 20))
            let perSecond = ledger.read { $0.perSecond }
            #expect(zip(perSecond, perSecond.dropFirst()).prefix(Self.seconds).allSatisfy { $0 < $1 }, "it stood still")
        }
    }

    /// How many bytes of payloads were accepted.
    private func payloads(_ ledger: Ledger) -> Int {
        ledger.read { $0.accepted.count } * 3 * Self.text.utf8.count
    }

    @Test func `Without a retention that makes room, starts are refused, and what was started ends`() async throws {
        try await OwnRedis.with(Self.options, retention: .unlimited) { own in
            let ledger = Ledger()
            // Nobody works, until the Redis is full.
            while ledger.read({ $0.refused }) < 50 {
                try await produce(own, ledger, ledger.read { $0.accepted.count }, for: .milliseconds(50))
            }
            let before = try await own.memory()
            try await working(own, ledger) {
                try await own.site.until("all that was accepted has ended", within: .seconds(120)) {
                    try await own.count("open") == 0
                }
            }
            ledger.note { $0.peak = max($0.peak, before) }
            print(
                "full: accepted", ledger.read { $0.accepted.count }, "used before and after in MiB:", before >> 20,
                try await own.memory() >> 20)
            try await expectNothingLost(own, ledger)
            let refusal = await #expect(throws: BackendError.self) {
                try await own.client.start(Carrying.self, id: "one more", .init(text: ""))
            }
            #expect(refusal?.code == .outOfMemory)
            try await own.backend.sweep(keeping: Retention(count: 100))
            try await own.client.start(Carrying.self, id: "one more", .init(text: "")).terminate()
        }
    }

    // MARK: Those who take part

    private func working(_ own: OwnRedis, _ ledger: Ledger, during body: () async throws -> Void) async throws {
        try await own.site.withWorker {
            Carrying.self
            echo.implement { text, context in
                ledger.note { $0.executed[context.idempotencyKey, default: 0] += 1 }
                return text
            }
        } during: {
            try await body()
        }
    }

    /// Starts runs as fast as it can; waits a little when one is refused, and tries again.
    private func produce(_ own: OwnRedis, _ ledger: Ledger, _ producer: Int, for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        var index = 0
        while ContinuousClock.now < end {
            index += 1
            let id = "\(producer)-\(index)"
            let input = Carrying.Input(text: Self.text, naps: index % 4 == 0, hasChild: index % 10 == 0)
            do {
                try await own.client.start(Carrying.self, id: id, input)
                ledger.note { $0.accepted.insert(id) }
            } catch let error as BackendError where error.code == .outOfMemory {
                ledger.note { $0.refused += 1 }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    private func watch(_ own: OwnRedis, _ ledger: Ledger) async throws {
        let start = ContinuousClock.now
        while !ledger.isOver.withLock({ $0 }) {
            let (used, open) = (try await own.memory(), try await own.count("open"))
            ledger.note { counts in
                counts.peak = max(counts.peak, used)
                counts.peakOpen = max(counts.peakOpen, open)
                let seconds = Int((ContinuousClock.now - start).components.seconds)
                if seconds > counts.perSecond.count { counts.perSecond.append(counts.executed.count) }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func report(_ name: String, _ ledger: Ledger, open: Int) {
        ledger.note { counts in
            print(
                "\(name): accepted \(counts.accepted.count), refused \(counts.refused), open at the end \(open),",
                "peak in MiB \(counts.peak >> 20) with up to \(counts.peakOpen) open runs, executed after each second \(counts.perSecond)"
            )
        }
    }

    private func expectNothingLost(_ own: OwnRedis, _ ledger: Ledger) async throws {
        // One activity for each run that was accepted, those of children included.
        #expect(ledger.read { $0.executed.count } == ledger.read { $0.accepted.count })
        print("executed more than once:", ledger.read { $0.executed.values.count { $0 > 1 } })
        let closed = try await own.redis.send(["ZRANGE", "{own:0}:closed", 0, -1]).asArray.map { try $0.asString }
        for run in closed {
            let state = try await own.redis.send(["HGET", "{own:0}:run:\(run)", "state"]).asString
            #expect(state.hasPrefix("completed "))
        }
    }
}

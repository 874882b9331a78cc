import Foundation
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

private enum Work {
    static let square = Activity<Int, Int>("square")
    static let missing = Activity<Int, Int>("missing")
    static let decline = Activity<Int, Int>("decline")
}

private struct Declined: Error {}

/// Does what its input says.
private final class Job: Workflow {
    enum Kind: String, Codable, CaseIterable {
        case completes, fails, waitsForNobody, waitsForUnknown, sleeps, hasChildren, continues, givesUp
    }
    static let never = Signal<Job, Int>("never")
    private let input: Kind
    init(input: Kind) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        switch input {
        case .completes:
            return try await context.execute(Work.square, 2)
        case .fails:
            return try await context.execute(Work.decline, 2)
        case .waitsForNobody:
            return try await context.execute(Work.square, 2, options: .init(queue: "nobody"))
        case .waitsForUnknown:
            return try await context.execute(Work.missing, 2)
        case .sleeps:
            try await context.sleep(for: .days(1))
            return 1
        case .hasChildren:
            _ = context.startChild(Job.self, .sleeps, options: .init(parentClosePolicy: .terminate))
            return try await context.executeChild(Job.self, .completes)
        case .continues:
            throw continueAsNew(with: .completes)
        case .givesUp:
            do {
                return try await context.withTimeout(.milliseconds(5)) {
                    try await context.execute(Work.square, 2, options: .init(queue: "nobody"))
                }
            } catch { return 0 }
        }
    }
}

/// What workers and runs leave behind: nothing.
@Suite struct ChurnTests {
    @Test func `After workers and runs of all sorts have come and gone, one key is left`() async throws {
        let retention = Retention(age: nil, count: 20)
        try await OwnRedis.with(["--stream-node-max-bytes", "512"], retention: retention) { own in
            var used: [Int] = []
            for round in 0..<8 {
                try await churn(own, round)
                try await own.backend.sweep(keeping: Retention(count: 0))
                used.append(try await own.memory())
            }
            print("used memory after each round:", used)
            try await own.site.until("the workers that died are forgotten") {
                try await own.site.withWorker(WorkerOptions(lease: .milliseconds(200))) {
                    Job.self
                } during: {
                    try await own.redis.send(["ZSCORE", "{own:0}:workers", "dead7"]).isNull
                }
            }
            let keys = try await own.redis.send(["KEYS", "*"]).asArray.map { try $0.asString }.sorted()
            #expect(keys == ["{own:0}:meta"])
            let fields = try await own.redis.send(["HKEYS", "{own:0}:meta"]).asArray.map { try $0.asString }
            #expect(Set(fields).subtracting(["runs", "time", "hold", "swept", "parked", "suspects", "aside"]) == [])
            #expect(
                try await own.redis.send(["HMGET", "{own:0}:meta", "parked", "suspects"]).asArray.allSatisfy {
                    try $0.isNull || $0.asString == "0"
                })
            // The first round brings the scripts and makes room for connections.
            #expect(used[7] - used[1] < 300_000)
        }
    }

    private func churn(_ own: OwnRedis, _ round: Int) async throws {
        // One that dies.
        let dead = WorkerRegistration(
            id: "dead\(round)", name: "dead", queue: "default", workflowTypes: ["Job"], activityNames: ["square"],
            lease: .milliseconds(300))
        try await own.backend.register(dead)
        _ = try await own.backend.claim(
            ClaimRequest(id: "dead\(round):1", worker: dead.id, workflowSlots: 3, activitySlots: 3))
        // Two that come and go.
        try await own.site.withWorker(WorkerOptions(lease: .milliseconds(500))) {
            Job.self
            Work.square.implement { $0 * $0 }
            Work.decline.implement { _ -> Int in throw Declined() }
        } during: {
            try await own.site.withWorker(WorkerOptions(lease: .milliseconds(500))) {
                Job.self
                Work.square.implement { $0 * $0 }
                Work.decline.implement { _ -> Int in throw Declined() }
            } during: {
                var handles: [WorkflowHandle<Job>] = []
                for index in 0..<50 {
                    for kind in Job.Kind.allCases {
                        let id = "\(kind)-\(round)-\(index)"
                        handles.append(try await own.client.start(Job.self, id: id, kind))
                    }
                    // Nobody serves its queue; and one that has not begun.
                    handles.append(
                        try await own.client.start(
                            Job.self, id: "unserved-\(round)-\(index)", .completes, options: .init(queue: "nowhere")))
                    handles.append(
                        try await own.client.start(
                            Job.self, id: "delayed-\(round)-\(index)", .completes,
                            options: .init(startAt: .now + 86_400)))
                }
                // A client that waits and dies.
                let client = try RedisBackend(url: own.server.url, namespace: "own", logger: Site.quiet)
                let first = handles[0].run
                let wait = Task { try await client.wait(for: first, until: .closed) }
                for handle in handles {
                    let kind = handle.run.workflowID.prefix { $0 != "-" }
                    switch Job.Kind(rawValue: String(kind)) {
                    case .completes?, .fails?, .hasChildren?, .continues?, .givesUp?:
                        break
                    case .waitsForNobody?, .waitsForUnknown?, .sleeps?, nil:
                        if kind == "waitsForNobody" || kind == "waitsForUnknown" {
                            try await own.site.until("it waits") { try await handle.describe().state == .idle }
                        }
                        try? await handle.terminate(reason: "churn")
                    }
                }
                try await own.site.until("all runs have ended") { try await own.count("open") == 0 }
                _ = try? await wait.value
                await client.shutdown()
            }
        }
    }
}

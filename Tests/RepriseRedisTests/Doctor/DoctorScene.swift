import Foundation
import Logging
import RedisClient
import RedisTestServer
import Reprise
import RepriseRedis
import Testing

/// Takes one step, and ends.
final class Steps: Workflow {
    enum Input: String, Codable, Sendable { case activity, timer, child, again, nothing }
    static let add = Activity<Int, Int>(
        "add", retry: .fixed(.milliseconds(500), attempts: 5), timeout: .seconds(60), scheduleToClose: .minutes(5))
    private let input: Input
    init(input: Input) { self.input = input }

    func run(_ context: WorkflowContext) async throws -> Int {
        switch input {
        case .activity: return try await context.execute(Self.add, 1)
        case .timer: try await context.sleep(for: .seconds(1))
        case .child: return try await context.executeChild(Steps.self, id: "child", .activity)
        case .again: throw continueAsNew(with: .nothing)
        case .nothing: break
        }
        return 0
    }
}

/// A namespace with one run in a certain state, made by real calls.
struct DoctorScene {
    enum State: String, CaseIterable {
        case queued, leased, idle, sleeping, activityQueued, activityLeased, activityRetrying, activityElsewhere, child
        case blocked, paused, delayed, parked, closed, continued
    }

    let backend: RedisBackend
    let redis: RedisClient
    let run: RunID
    var client: WorkflowClient { WorkflowClient(backend: backend) }

    static func with(_ state: State, _ body: (DoctorScene) async throws -> Void) async throws {
        let server = try await SharedServer.shared.server()
        let backend = try RedisBackend(url: server.url, namespace: "doctor-\(UUID().uuidString)")
        let redis = RedisClient(configuration: try RedisConfiguration(url: server.url))
        let result: Result<Void, any Error>
        do {
            try await body(try await DoctorScene(state, backend, redis))
            result = .success(())
        } catch { result = .failure(error) }
        await backend.shutdown()
        await redis.shutdown()
        try result.get()
    }

    private init(_ state: State, _ backend: RedisBackend, _ redis: RedisClient) async throws {
        self.backend = backend
        self.redis = redis
        let input: Steps.Input =
            switch state {
            case .sleeping, .idle: .timer
            case .child: .child
            case .closed: .nothing
            case .continued: .again
            default: .activity
            }
        let start = state == .delayed ? Date.now.addingTimeInterval(4) : nil
        run = try await WorkflowClient(backend: backend)
            .start(Steps.self, id: "run", input, options: .init(startAt: start)).run
        let player = { (types: [String], activities: [String]) in
            try await Player(
                backend, queue: "default", types: types, activities: activities, lease: .milliseconds(500))
        }
        switch state {
        case .queued, .delayed: break
        case .leased: _ = try await player(["Steps"], []).claim(1, 0)
        case .blocked:
            let task = try #require(try await player(["Steps"], []).claim(1, 0).workflowTasks.first)
            _ = try await backend.release(
                WorkflowRelease(claim: task.claim, disposition: .block(reason: "it is tired")))
        case .parked: _ = try await player(["Other"], []).claim(1, 0)
        case .paused: try await backend.pause(run)
        case .idle, .sleeping, .activityQueued, .child: try await work(until: "idle", activities: [])
        case .activityLeased:
            try await work(until: "idle", activities: [])
            _ = try await player([], ["add"]).claim(0, 1)
        case .activityRetrying:
            try await work(untilOperation: "a r") { _, _ in throw CancellationError() }
        case .activityElsewhere: try await work(untilOperation: "a e") { _, context in try context.completeLater() }
        case .closed: try await work(until: "completed", activities: [])
        case .continued: try await work(until: "continuedAsNew", activities: [])
        }
    }

    // MARK: Keys

    func key(_ name: String) -> String { "{\(backend.namespace):0}:\(name)" }
    var runKey: String { key("run:\(run)") }
    var operations: String { key("ops:\(run)") }
    var history: String { key("history:\(run)") }

    /// Sends a command; `#` in it stands for what all keys begin with, and `@` for the run.
    @discardableResult
    func send(_ words: String...) async throws -> RedisReply {
        try await redis.send(
            RedisCommand(
                arguments: words.map {
                    $0.replacingOccurrences(of: "#", with: key("")).replacingOccurrences(of: "@", with: "\(run)")
                }))
    }

    /// Changes a field of a hash.
    func edit(_ key: String, _ field: String, _ change: (String) -> String) async throws {
        let old = try await redis.send(["HGET", key, field]).asString
        try await redis.send(["HSET", key, field, change(old)])
    }

    /// Changes a word of the run's state: 0 its name, 1 last entry, 2 last arrival, 3 through, 4 time, 5 bytes, 6 marks.
    func editState(_ word: Int, _ value: String) async throws {
        try await edit(runKey, "state") { old in
            var words = old.split(separator: " ").map(String.init)
            if word < words.count { words[word] = value } else { words.append(value) }
            return words.joined(separator: " ")
        }
    }

    /// Changes a word of the first operation: 1 state, 2 attempt, 3 deliveries, 4 deaths, 5 due, 6 nonce, 7 holder.
    func editOperation(_ word: Int, _ value: String) async throws {
        try await edit(operations, try await operation()) { old in
            var words = old.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            words[word] = value
            return words.joined(separator: " ")
        }
    }

    /// The first operation's number.
    func operation() async throws -> String {
        let fields = try await redis.send(["HKEYS", operations]).asArray.map { try $0.asString }
        return try #require(fields.filter { Int($0) != nil }.min())
    }

    func state() async throws -> RunState {
        try await backend.describe(workflowID: run.workflowID, runNumber: run.number).state
    }

    // MARK: Working

    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a real worker until something holds.
    private func work(
        activities: [ActivityRegistration], until isSo: () async throws -> Bool
    ) async throws {
        let worker = try Worker(
            backend: backend, options: WorkerOptions(lease: .milliseconds(500)), logger: Self.quiet
        ) {
            Steps.self
            for activity in activities { activity }
        }
        let working = Task { try await worker.run() }
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !isSo() {
            try #require(ContinuousClock.now < deadline, "a worker didn't bring the run there")
            try await Task.sleep(for: .milliseconds(2))
        }
        working.cancel()
        try await working.value
    }

    private func work(until state: String, activities: [ActivityRegistration]) async throws {
        try await work(activities: activities) { try await self.state() == RunState(rawValue: state) }
    }

    private func work(
        untilOperation beginning: String, _ body: @escaping @Sendable (Int, ActivityContext) throws -> Void
    ) async throws {
        let activity = Steps.add.implement { input, context in
            try body(input, context)
            return input
        }
        try await work(activities: [activity]) {
            let values = try await redis.send(["HVALS", operations]).asArray.map { try $0.asString }
            return values.contains { $0.hasPrefix(beginning) }
        }
    }

    /// Has a real worker end the run; what waits for somebody is let go.
    func finish() async throws {
        if try await state() == .blocked { try await backend.unblock(run) }
        if try await backend.describe(workflowID: "run", runNumber: run.number).state.isClosed { return }
        try await backend.resume(run)
        let values = try await redis.send(["HVALS", operations]).asArray.map { try $0.asString }
        if values.contains(where: { $0.hasPrefix("a e") }) {
            // Nobody is going to complete it.
            _ = try await backend.terminate(workflowID: "run", runNumber: run.number, reason: "test")
        }
        try await work(activities: [Steps.add.implement { input in input }]) { try await state().isClosed }
    }
}

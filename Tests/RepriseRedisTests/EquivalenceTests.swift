import Reprise
import RepriseRedis
import RepriseTesting
import Testing

/// The backend on Redis and the one in memory answer the same to the same calls.
struct EquivalenceTests {
    @Test(arguments: 0..<12)
    func `random calls get the same answers from both backends`(_ seed: Int) async throws {
        try await Site.with { site in
            let memory = InMemoryBackend(clock: .virtual(startingAt: Timestamp(milliseconds: 1_700_000_000_000)))
            var driver = RandomDriver(seed: UInt64(seed), backends: [memory, site.backend])
            try await driver.begin()
            for _ in 0..<500 { try await driver.step() }
            try await driver.compareRuns()
            #expect(memory.checkInvariants() == [])
            #expect(driver.commits > 10 && driver.completions > 5)
        }
    }
}

/// Sends the same random calls to several backends and compares what they answer, but for times.
private struct RandomDriver {
    var random: SplitMix64
    let backends: [any Backend]
    var counter = 0
    var workflows: [WorkflowTask] = []
    var activities: [ActivityTask] = []
    /// What was held once, to be sent again too late.
    var oldWorkflows: [WorkflowTask] = []
    var oldActivities: [ActivityTask] = []
    /// The next operation number of each run.
    var operations: [RunID: Int] = [:]
    var runs: [RunID] = []
    var requests: [StartRequest] = []
    var commits = 0
    var completions = 0

    init(seed: UInt64, backends: [any Backend]) {
        random = SplitMix64(state: seed)
        self.backends = backends
    }

    private func registration(_ build: String = "") -> WorkerRegistration {
        WorkerRegistration(
            id: "w", name: "driver", queue: "q", workflowTypes: ["A", "B"], activityNames: ["a"], buildID: build,
            lease: .seconds(3600))
    }

    mutating func begin() async throws {
        let registration = registration("1")
        _ = try await same("register") { 
            try await $0.register(registration)
            return true
        }
    }

    /// Sends a call to all, and returns the answer if it is the same.
    private func same<Answer: Equatable & Sendable>(
        _ what: String, _ call: (any Backend) async throws -> Answer
    ) async throws -> Answer? {
        var answers: [Result<Answer, BackendError>] = []
        for backend in backends {
            do {
                answers.append(.success(try await call(backend)))
            } catch let error as BackendError {
                answers.append(.failure(BackendError(error.code, "", run: error.code == .alreadyRunning ? error.run : nil)))
            }
        }
        try #require(answers[0] == answers[1], "\(what)")
        return try? answers[0].get()
    }

    private mutating func next() -> Int {
        counter += 1
        return counter
    }

    mutating func step() async throws {
        switch Int.random(in: 0..<20, using: &random) {
        case 0...2: try await start()
        case 3...4: try await signal()
        case 5...7: try await claim(workflows: Int.random(in: 0...3, using: &random), activities: Int.random(in: 0...3, using: &random))
        case 8...12: try await commit()
        case 13...15: try await complete()
        case 16: try await releaseWorkflow()
        case 17: try await releaseActivity()
        case 18: try await unblock()
        default: try await describe()
        }
        // What has become due is recorded one by one: the order of what is due in one millisecond isn't specified.
        try await claim(workflows: 0, activities: 0)
    }

    private mutating func start() async throws {
        let request: StartRequest
        if let old = requests.randomElement(using: &random), Int.random(in: 0..<5, using: &random) == 0 {
            request = old
        } else {
            request = StartRequest(
                requestID: "request-\(next())", workflowID: "id-\(Int.random(in: 0..<20, using: &random))", queue: "q",
                record: StartRecord(
                    type: ["A", "A", "A", "B", "B", "B", "C"].randomElement(using: &random)!, version: ["", "1"].randomElement(using: &random)!,
                    input: [UInt8(counter & 255), 0, 10, 13]),
                startAt: [nil, nil, nil, Timestamp(milliseconds: 5), Timestamp(milliseconds: 1 << 45)].randomElement(using: &random)!)
            requests.append(request)
        }
        if let run = try await same("start", { try await $0.start(request) }), !runs.contains(run) { runs.append(run) }
    }

    private mutating func signal() async throws {
        let signal = SignalRecord(id: "signal-\(next())", name: "note", payload: [1, 2, 3])
        let id = "id-\(Int.random(in: 0..<21, using: &random))"
        let number = Bool.random(using: &random) ? runs.randomElement(using: &random)?.number : nil
        _ = try await same("signal") { try await $0.signal(signal, workflowID: id, runNumber: number) }
    }

    private mutating func claim(workflows: Int, activities: Int) async throws {
        let request = ClaimRequest(id: "w-\(next())", worker: "w", workflowSlots: workflows, activitySlots: activities)
        guard let work = try await same("claim", { try await $0.claim(request).withoutTimes }) else { return }
        take(work)
    }

    private mutating func take(_ work: ClaimedWork) {
        workflows += work.workflowTasks
        activities += work.activityTasks
    }

    private mutating func commit() async throws {
        let isOld = Int.random(in: 0..<8, using: &random) == 0
        guard let task = (isOld ? oldWorkflows : workflows).randomElement(using: &random) else { return }
        let run = task.claim.run
        var operation = operations[run, default: 0]
        let first = operation
        var commands: [Command] = []
        var kinds: [Int] = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let kind = Int.random(in: 0..<4, using: &random)
            kinds.append(kind)
            commands.append(
                Command(kind: kind == 0 ? .startTimer : .scheduleActivity, name: "a", payload: [UInt8](repeating: 7, count: kind)))
            operation += 1
        }
        let closes = Int.random(in: 0..<5, using: &random) == 0
        if closes { commands.append(Command(kind: .complete, payload: [9, 9])) }
        let turn = Turn(firstCommand: first, commands: commands).encoded()
        var effects: [Commit.Effect] = []
        for (index, kind) in kinds.enumerated() {
            if kind == 0 {
                // All in the past, each at a time of its own; or far away.
                let due = Bool.random(using: &random) ? Int64(next()) : 1 << 45
                effects.append(.startTimer(operation: first + index, due: Timestamp(milliseconds: due)))
            } else {
                let retry: RetryPolicy = kind == 1 ? .none : .fixed(kind == 2 ? .zero : .seconds(3600), attempts: 3)
                effects.append(
                    .scheduleActivity(
                        ScheduledActivity(
                            operation: first + index, name: kind == 3 ? "unknown" : "a", queue: "q",
                            input: turn.payloads[index], timeout: .seconds(1800), retry: retry)))
            }
        }
        if first > 0, Int.random(in: 0..<3, using: &random) == 0 {
            effects.append(.cancel(operation: Int.random(in: 0..<first, using: &random)))
        }
        let last = task.history.last(where: \.isArrival)?.number ?? task.through
        let commit = Commit(
            claim: task.claim, through: last, turn: commands.isEmpty ? nil : turn.bytes, effects: effects,
            closing: closes ? .completed : nil, closesRegardless: Bool.random(using: &random))
        let request = Bool.random(using: &random)
            ? ClaimRequest(id: "w-\(next())", worker: "w", workflowSlots: 1, activitySlots: 1) : nil
        let both = try await same("commit") { backend in
            let (answer, work) = try await backend.commit(commit, claiming: request)
            return Pair(one: answer.withoutTimes, other: work?.withoutTimes)
        }
        guard let both else { return }
        if let work = both.other { take(work) }
        guard both.one == .committed, !isOld else { return }
        commits += 1
        operations[run] = operation
        end(task)
    }

    private mutating func end(_ task: WorkflowTask) {
        workflows.removeAll { $0.claim == task.claim }
        oldWorkflows.append(task)
    }

    private mutating func complete() async throws {
        let isOld = Int.random(in: 0..<6, using: &random) == 0
        guard let task = (isOld ? oldActivities : activities).randomElement(using: &random) else { return }
        let failure = FailureRecord(type: "Declined", message: "no “money”\n", details: nil)
        let result: ActivityCompletion.Result =
            [
                .completed([4, 5]), .completed([]), .failed(failure, isRetryable: true), .failed(failure, isRetryable: false),
                .retry(after: .zero, reason: "later"), .retry(after: .seconds(3600), reason: "much later"),
            ].randomElement(using: &random)!
        let completion = ActivityCompletion(claim: task.claim, result: result)
        let request = Bool.random(using: &random)
            ? ClaimRequest(id: "w-\(next())", worker: "w", workflowSlots: 1, activitySlots: 1) : nil
        let both = try await same("complete") { backend in
            let (answer, work) = try await backend.complete(completion, claiming: request)
            return Pair(one: answer.withoutTimes, other: work?.withoutTimes)
        }
        if let work = both?.other { take(work) }
        if !isOld {
            completions += 1
            activities.removeAll { $0.claim == task.claim }
            oldActivities.append(task)
        }
    }

    private mutating func releaseWorkflow() async throws {
        guard let task = (workflows + oldWorkflows).randomElement(using: &random) else { return }
        let disposition: WorkflowRelease.Disposition =
            [.handBack, .retry(after: .zero, reason: "once more"), .retry(after: .seconds(3600), reason: "later"),
                .handBack, .block(reason: "broken"),
            ].randomElement(using: &random)!
        let release = WorkflowRelease(claim: task.claim, disposition: disposition)
        _ = try await same("release") { try await $0.release(release) }
        end(task)
    }

    private mutating func releaseActivity() async throws {
        guard let task = (activities + oldActivities).randomElement(using: &random) else { return }
        _ = try await same("release") { try await $0.release(task.claim) }
        activities.removeAll { $0.claim == task.claim }
        oldActivities.append(task)
    }

    private mutating func unblock() async throws {
        if Int.random(in: 0..<4, using: &random) == 0 {
            let registration = registration("\(Int.random(in: 1...3, using: &random))")
            // Several may be unblocked at once, in no order that is specified: one at most.
            var blocked = 0
            for run in runs {
                let state = try await backends[0].describe(workflowID: run.workflowID, runNumber: run.number).state
                if state == .blocked { blocked += 1 }
            }
            if blocked <= 1 { _ = try await same("register") { 
            try await $0.register(registration)
            return true
        } }
        }
        let known: [RunID] = [
            workflows.randomElement(using: &random)?.claim.run, runs.randomElement(using: &random),
            RunID(workflowID: "none", number: 3),
        ].compactMap(\.self)
        guard let run = known.randomElement(using: &random) else { return }
        _ = try await same("unblock") { 
            try await $0.unblock(run)
            return true
        }
    }

    private mutating func describe() async throws {
        let id = "id-\(Int.random(in: 0..<21, using: &random))"
        _ = try await same("describe") { try await $0.describe(workflowID: id, runNumber: nil).withoutTimes }
    }

    /// Compares all that can be seen of all runs.
    func compareRuns() async throws {
        for run in runs {
            let description = try await same("describe") {
                try await $0.describe(workflowID: run.workflowID, runNumber: run.number).withoutTimes
            }
            #expect(description != nil)
            let history = try await same("history") { try await $0.history(of: run, after: 0, limit: 1000).map(\.withoutTime) }
            #expect(history?.isEmpty == false)
        }
    }

    private struct Pair<One: Equatable & Sendable, Other: Equatable & Sendable>: Equatable, Sendable {
        var one: One
        var other: Other
    }
}

/// A small generator, so that a failure can be repeated.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private let never = Timestamp(milliseconds: 0)

extension HistoryEntry {
    fileprivate var withoutTime: HistoryEntry {
        var entry = self
        entry.time = never
        if kind == .activityFailed, let failure = try? FailureRecord(decoding: payload) { entry.payload = failure.encoded() }
        return entry
    }
}

extension ClaimedWork {
    fileprivate var withoutTimes: ClaimedWork {
        var work = self
        work.now = never
        work.nextDue = nil
        for index in work.workflowTasks.indices {
            work.workflowTasks[index].history = work.workflowTasks[index].history.map(\.withoutTime)
        }
        for index in work.activityTasks.indices { work.activityTasks[index].deadline = never }
        return work
    }
}

extension CommitAnswer {
    fileprivate var withoutTimes: CommitAnswer {
        guard case .refused(let unseen) = self else { return self }
        return .refused(unseen: unseen.map(\.withoutTime))
    }
}

extension ActivityCompletion.Answer {
    fileprivate var withoutTimes: ActivityCompletion.Answer {
        guard case .retrying = self else { return self }
        return .retrying(at: never)
    }
}

extension RunDescription {
    fileprivate var withoutTimes: RunDescription {
        var description = self
        if startedAt != nil { description.startedAt = never }
        if closedAt != nil { description.closedAt = never }
        if dueAt != nil { description.dueAt = never }
        return description
    }
}

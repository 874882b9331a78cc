import Reprise

/// What a random sequence knows while it runs. It belongs to the one task that runs it.
final class SequenceDriver {
    static let queues = ["one", "two"]
    static let types = ["A", "B", "C"]
    static let activities = ["x", "y", "z"]
    /// In the year 2100.
    static let farAway = Timestamp(milliseconds: 4_102_444_800_000)

    /// A run, and how far its commands are numbered.
    struct KnownRun {
        var id: RunID
        var nextOperation = 0
    }

    let backend: any Backend
    var random: SplitMix
    /// Lets time pass.
    let advance: @Sendable (Duration) async throws -> Void
    var lines: [String] = []
    let names = SequenceNames()
    var runs: [KnownRun] = []
    var requests: [StartRequest] = []
    var workers: [WorkerRegistration] = []
    /// Every claim that was ever made, also those that are over.
    var workflowTasks: [(task: WorkflowTask, worker: String)] = []
    var activityTasks: [(task: ActivityTask, worker: String)] = []
    /// Nonces of the claims that stand.
    var held: Set<String> = []
    var commits: [Commit] = []
    /// By run.
    var lastCommits: [RunID: String] = [:]
    var foreseen: [ForeseenTurn] = []
    var completions: [ActivityCompletion] = []
    var counter = 0
    private var pages = 0

    /// The queues of runs whose workers die.
    var perilousQueues: [String] = []

    init(
        backend: any Backend, random: SplitMix, advance: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.backend = backend
        self.advance = advance
        self.random = random
    }

    func step() async throws {
        switch pick(118) {
        case ..<10: try await start()
        case ..<20: try await signal()
        case ..<40: try await claim()
        case ..<60: try await commit()
        case ..<75: try await complete()
        case ..<80: try await releaseRun()
        case ..<82: try await releaseActivity()
        case ..<83: try await heartbeat()
        case ..<86: try await renew()
        case ..<89: try await recover()
        case ..<92: try await replaceWorker()
        case ..<94: try await registerAgain()
        case ..<97: try await unblock()
        case ..<99: try await describe()
        case ..<100: try await read()
        case ..<108: try await control()
        case ..<109: try await die()
        case ..<112: try await heartbeat()
        default: try await foresee()
        }
        try await finishPages()
    }

    /// Claims nothing until no message is left, nor anything of what ends of runs leave behind: how much of that one claim
    /// carries out isn't specified.
    private func finishPages() async throws {
        guard let worker = workers.first?.id else { return }
        while true {
            pages += 1
            let request = ClaimRequest(id: "p\(pages)", worker: worker, workflowSlots: 0, activitySlots: 0)
            let work = try await backend.claim(request)
            guard let due = work.nextDue, due <= work.now else { return }
        }
    }

    // MARK: Chance

    func next() -> Int {
        counter += 1
        return counter
    }

    func pick(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[pick(elements.count)]
    }

    func chance(_ percent: Int) -> Bool { pick(100) < percent }

    func bytes() -> [UInt8] { (0..<pick(20)).map { _ in UInt8(pick(256)) } }

    func subset(of elements: [String]) -> [String] { elements.filter { _ in chance(70) } }

    // MARK: The trace

    /// Makes a call and writes down its answer, or the code of what it throws.
    ///
    /// - Returns: the answer.
    func record<Answer>(
        _ call: String, as describe: (Answer, SequenceNames) -> String = { _, _ in "done" },
        _ body: () async throws -> Answer
    ) async throws -> Answer? {
        do {
            let answer = try await body()
            lines.append("\(lines.count) \(call) -> \(describe(answer, names))")
            return answer
        } catch let error as BackendError {
            // Another message is fine, another code isn't.
            lines.append("\(lines.count) \(call) -> throws \(BackendError(error.code, "").description)")
            return nil
        }
    }

    // MARK: Workers

    func registerWorkers() async throws {
        for _ in 0..<3 { try await addWorker() }
    }

    func addWorker() async throws {
        let worker = WorkerRegistration(
            id: "w\(next())", name: "random", queue: Self.queues[pick(2)], workflowTypes: subset(of: Self.types),
            activityNames: subset(of: Self.activities), buildID: ["", "1", "2"][pick(3)], lease: .seconds(7200))
        workers.append(worker)
        try await register(worker)
    }

    func what(_ worker: WorkerRegistration) -> String {
        "\(worker.id) \(worker.queue) \(worker.workflowTypes) \(worker.activityNames) “\(worker.buildID)”"
    }

    func register(_ worker: WorkerRegistration) async throws {
        _ = try await record("register \(what(worker))") {
            try await backend.register(worker)
        }
    }

    func registerAgain() async throws {
        let index = pick(workers.count)
        workers[index].workflowTypes = subset(of: Self.types)
        workers[index].activityNames = subset(of: Self.activities)
        try await register(workers[index])
    }

    func replaceWorker() async throws {
        let worker = workers.remove(at: pick(workers.count))
        for _ in 0..<(chance(30) ? 2 : 1) {
            _ = try await record("unregister \(worker.id)") {
                try await backend.unregister(worker: worker.id)
            }
        }
        forget(of: worker.id, keeping: [])
        let request = ClaimRequest(id: "c\(next())", worker: worker.id, workflowSlots: 1, activitySlots: 1)
        _ = try await record("claim by \(worker.id)", as: { _, _ in "work" }) {
            try await backend.claim(request)
        }
        try await addWorker()
    }

    func recover() async throws {
        guard let worker = pick(workers)?.id else { return }
        let mine =
            workflowTasks.filter { $0.worker == worker }.map(\.task.claim.nonce)
            + activityTasks.filter { $0.worker == worker }.map(\.task.claim.nonce)
        let keeping = mine.filter { _ in chance(60) }
        _ = try await record("recover \(worker) keeping \(keeping.map { names.name(of: $0) })") {
            try await backend.recover(worker: worker, keeping: keeping)
        }
        forget(of: worker, keeping: Set(keeping))
    }

    func renew() async throws {
        guard let worker = pick(workers)?.id else { return }
        // Only its own claims: whether one can renew another's isn't specified.
        let workflows = workflowTasks.filter { $0.worker == worker && chance(50) }.map(\.task.claim)
        let activities = activityTasks.filter { $0.worker == worker && chance(50) }.map(\.task.claim)
        _ = try await record("renew \(worker)", as: { lost, names in "\(lost.map { names.name(of: $0) })" }) {
            try await backend.renew(worker: worker, workflows: workflows, activities: activities)
        }
    }

    private func forget(of worker: String, keeping: Set<String>) {
        let mine =
            workflowTasks.filter { $0.worker == worker }.map(\.task.claim.nonce)
            + activityTasks.filter { $0.worker == worker }.map(\.task.claim.nonce)
        held.subtract(Set(mine).subtracting(keeping))
    }
}

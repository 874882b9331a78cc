import Reprise
import Synchronization

/// What a case works with: a backend and the usual calls on it.
struct Bench: Sendable {
    /// The queue that everything uses unless it says otherwise.
    static let queue = "main"

    let backend: any Backend
    let suite: BackendConformance
    private let counter = Counter()
    /// The activities that workers took by ``BenchWorker/claim(workflows:activities:)``, by worker.
    let taken = Taken()

    init(backend: any Backend, suite: BackendConformance) {
        self.backend = backend
        self.suite = suite
    }

    final class Taken: Sendable {
        let claims = Mutex<[String: [ActivityClaim]]>([:])
    }

    private final class Counter: Sendable {
        let value = Mutex(0)
    }

    /// A number that was not given out before.
    func next() -> Int {
        counter.value.withLock {
            $0 += 1
            return $0
        }
    }

    // MARK: Time

    func advance(by duration: Duration) async throws { try await suite.advance(backend, duration) }

    /// Lets time pass in small steps until a call gives a value.
    @discardableResult
    func eventually<Value>(
        _ what: String, fileID: String = #fileID, line: Int = #line, _ call: () async throws -> Value?
    ) async throws -> Value {
        // On a real clock five seconds of sleeping, and as long as the calls take.
        for _ in 0..<500 {
            if let value = try await call() { return value }
            try await advance(by: .milliseconds(10))
        }
        throw ConformanceFailure("\(what) did not come within five seconds", fileID: fileID, line: line)
    }

    /// Lets a call take only so much real time.
    func within<Value: Sendable>(
        _ limit: Duration, fileID: String = #fileID, line: Int = #line,
        _ call: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await call() }
            group.addTask {
                // Cancelled with the call, which then says itself how it ends.
                do { try await Task.sleep(for: limit) } catch { return nil }
                throw ConformanceFailure("it takes longer than \(limit)", fileID: fileID, line: line)
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            preconditionFailure("the call returns or throws")
        }
    }

    /// Gives a call that was just begun the time to reach the backend and wait there: nothing can be asked that tells
    /// whether it does. If this sleep takes long, so does the call.
    func letBegin() async throws {
        let clock = ContinuousClock()
        for _ in 0..<10 {
            let start = clock.now
            try await Task.sleep(for: .milliseconds(25))
            if clock.now - start < .milliseconds(50) { return }
        }
    }

    // MARK: Clients

    func request(
        _ workflowID: String = "order", request: String? = nil, type: String = "Order", version: String = "",
        queue: String = Bench.queue, input: [UInt8] = Array("{}".utf8), at startAt: Timestamp? = nil
    ) -> StartRequest {
        StartRequest(
            requestID: request ?? "request-\(next())", workflowID: workflowID, queue: queue,
            record: StartRecord(type: type, version: version, input: input), startAt: startAt)
    }

    @discardableResult
    func start(
        _ workflowID: String = "order", type: String = "Order", queue: String = Bench.queue,
        at startAt: Timestamp? = nil
    ) async throws -> RunID {
        try await backend.start(request(workflowID, type: type, queue: queue, at: startAt))
    }

    @discardableResult
    func signal(_ run: RunID, _ id: String, payload: [UInt8] = []) async throws -> RunID {
        try await backend.signal(
            SignalRecord(id: id, name: "note", payload: payload), workflowID: run.workflowID, runNumber: run.number)
    }

    @discardableResult
    func cancel(_ run: RunID, _ reason: String = "cancelled") async throws -> RunID {
        try await backend.requestCancel(workflowID: run.workflowID, runNumber: run.number, reason: reason)
    }

    @discardableResult
    func terminate(_ run: RunID, _ reason: String = "terminated") async throws -> RunID {
        try await backend.terminate(workflowID: run.workflowID, runNumber: run.number, reason: reason)
    }

    func describe(_ run: RunID) async throws -> RunDescription {
        try await backend.describe(workflowID: run.workflowID, runNumber: run.number)
    }

    /// Begins to wait for a run.
    func wait(for run: RunID, until condition: RunCondition) async throws -> Task<RunDescription, any Error> {
        let wait = Task {
            try await within(.seconds(10)) { try await backend.wait(for: run, until: condition) }
        }
        try await letBegin()
        return wait
    }

    func expect(
        _ run: RunID, is state: RunState, fileID: String = #fileID, line: Int = #line
    ) async throws {
        let description = try await describe(run)
        if description.state != state {
            throw ConformanceFailure("run \(run) is not \(state): \(description)", fileID: fileID, line: line)
        }
    }

    /// The whole history, read in pages.
    func history(of run: RunID, pages limit: Int = 1000) async throws -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        while true {
            let page = try await backend.history(of: run, after: entries.last?.number ?? 0, limit: limit)
            if page.isEmpty { return entries }
            entries += page
        }
    }

    /// Checks what a history says, with its numbers and times.
    func expect(
        history kinds: [HistoryEntry.Kind], of run: RunID, fileID: String = #fileID, line: Int = #line
    ) async throws {
        let history = try await history(of: run)
        if history.map(\.kind) != kinds {
            throw ConformanceFailure(
                "the history of run \(run) is \(history.map(\.kind)), not \(kinds)", fileID: fileID, line: line)
        }
        if history.map(\.number) != Array(1..<history.count + 1) {
            throw ConformanceFailure("entries are numbered \(history.map(\.number))", fileID: fileID, line: line)
        }
        if history.map(\.time) != history.map(\.time).sorted() {
            throw ConformanceFailure("times go back: \(history.map(\.time.milliseconds))", fileID: fileID, line: line)
        }
    }

    // MARK: Activities

    /// The failure that a history's last entry holds.
    func lastFailure(of run: RunID, fileID: String = #fileID, line: Int = #line) async throws -> FailureRecord {
        let entry = try require(await history(of: run).last, "history", fileID: fileID, line: line)
        return try failure(in: entry, fileID: fileID, line: line)
    }

    /// The failure in a history entry, whose bytes are the same whichever backend wrote them.
    func failure(
        in entry: HistoryEntry, fileID: String = #fileID, line: Int = #line
    ) throws -> FailureRecord {
        let failure = try FailureRecord(decoding: entry.payload)
        if entry.kind != .activityFailed || failure.encoded() != entry.payload {
            let text = String(decoding: entry.payload, as: UTF8.self)
            throw ConformanceFailure("an entry \(entry.kind) holds \(text)", fileID: fileID, line: line)
        }
        return failure
    }

    /// The next cancellations that a worker hears of.
    func next(
        _ count: Int, of stream: AsyncStream<ActivityCancellation>, fileID: String = #fileID, line: Int = #line
    ) async throws -> [ActivityCancellation] {
        try await within(.seconds(10), fileID: fileID, line: line) {
            var cancellations: [ActivityCancellation] = []
            for await cancellation in stream {
                cancellations.append(cancellation)
                if cancellations.count == count { break }
            }
            return cancellations
        }
    }

    // MARK: Workers

    /// Registers a worker. Its lease is long unless a case is about leases.
    func worker(
        queue: String = Bench.queue, workflows: [String] = ["Order"], activities: [String] = ["charge"],
        build: String = "", lease: Duration = .seconds(60)
    ) async throws -> BenchWorker {
        let worker = BenchWorker(
            bench: self,
            registration: WorkerRegistration(
                id: "worker\(next())", name: "bench", queue: queue, workflowTypes: workflows,
                activityNames: activities, buildID: build, lease: lease))
        try await backend.register(worker.registration)
        return worker
    }
}

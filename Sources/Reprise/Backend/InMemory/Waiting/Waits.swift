import OrderedCollections

/// The calls that wait for something to happen in an in-memory backend.
struct Waits {
    typealias RunContinuation = CheckedContinuation<Result<RunDescription, BackendError>, Never>
    typealias WorkContinuation = CheckedContinuation<Result<Void, BackendError>, Never>
    typealias QuietContinuation = CheckedContinuation<Void, Never>
    typealias CancellationContinuation = AsyncStream<ActivityCancellation>.Continuation

    /// A call that waits for a run.
    struct RunWait {
        var run: Int
        var condition: RunCondition
        var continuation: RunContinuation
    }

    /// A worker's call that waits for work.
    struct WorkWait {
        var worker: String
        /// When it ends in any case; `nil` for never.
        var end: Timestamp?
        var continuation: WorkContinuation
    }

    private(set) var runs: OrderedDictionary<Int, RunWait> = [:]
    private(set) var work: OrderedDictionary<Int, WorkWait> = [:]
    private(set) var quiet: OrderedDictionary<Int, QuietContinuation> = [:]
    /// Who listens for the cancellations of a worker's attempts.
    private(set) var listeners: [String: [Int: CancellationContinuation]] = [:]
    private var lastID = 0

    mutating func makeID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func add(_ wait: RunWait, id: Int) { runs[id] = wait }
    mutating func add(_ wait: WorkWait, id: Int) { work[id] = wait }
    mutating func add(_ wait: QuietContinuation, id: Int) { quiet[id] = wait }

    /// Adds somebody who listens for the cancellations of a worker's attempts.
    mutating func add(_ continuation: CancellationContinuation, for worker: String) -> Int {
        let id = makeID()
        listeners[worker, default: [:]][id] = continuation
        return id
    }

    mutating func removeListener(_ id: Int, of worker: String) {
        listeners[worker]?[id] = nil
        if listeners[worker]?.isEmpty == true { listeners[worker] = nil }
    }

    /// Takes out a wait that was cancelled.
    mutating func cancel(_ id: Int) -> Resumption? {
        let error = BackendError(.cancelled, "the waiting task was cancelled")
        if let wait = runs.removeValue(forKey: id) { return .run(wait.continuation, .failure(error)) }
        if let wait = work.removeValue(forKey: id) { return .work(wait.continuation, .failure(error)) }
        if let continuation = quiet.removeValue(forKey: id) { return .quiet(continuation) }
        return nil
    }

    /// Takes out the waits for runs that an answer was found for.
    mutating func takeRuns(
        where answer: (RunWait) -> Result<RunDescription, BackendError>?
    ) -> [Resumption] {
        var taken: [Resumption] = []
        runs.removeAll { _, wait in
            guard let answer = answer(wait) else { return false }
            taken.append(.run(wait.continuation, answer))
            return true
        }
        return taken
    }

    /// Takes out the waits for work that satisfy a condition.
    mutating func takeWork(where isOver: (WorkWait) -> Bool) -> [Resumption] {
        var taken: [Resumption] = []
        work.removeAll { _, wait in
            guard isOver(wait) else { return false }
            taken.append(.work(wait.continuation, .success(())))
            return true
        }
        return taken
    }

    mutating func takeQuiet() -> [Resumption] {
        defer { quiet = [:] }
        return quiet.values.map { .quiet($0) }
    }
}

/// A waiting call, or a listener, and what it is told. It is told outside of the lock.
enum Resumption: Sendable {
    case run(Waits.RunContinuation, Result<RunDescription, BackendError>)
    case work(Waits.WorkContinuation, Result<Void, BackendError>)
    case quiet(Waits.QuietContinuation)
    case cancellation(Waits.CancellationContinuation, ActivityCancellation)

    func resume() {
        switch self {
        case .run(let continuation, let answer): continuation.resume(returning: answer)
        case .work(let continuation, let answer): continuation.resume(returning: answer)
        case .quiet(let continuation): continuation.resume()
        case .cancellation(let continuation, let cancellation): continuation.yield(cancellation)
        }
    }
}

import DequeModule
import Foundation

/// A few threads of a worker's own, on which workflow code runs.
///
/// Not the cooperative pool: a workflow that computes for a second would hold up every task of the process, the renewal
/// of leases among them. And one that computes for ever doesn't hold up the others, see ``relieve(after:)``.
final class TurnThreads: Sendable {
    private let pool: Pool

    /// - Parameters:
    ///   - count: how many threads take jobs; with 0 a job runs where it is called.
    ///   - limit: how many there are at most, with those that are held up.
    init(count: Int, limit: Int) {
        pool = Pool(count: count, limit: limit)
    }

    deinit { pool.end() }

    /// Runs a closure on one of the threads.
    ///
    /// - Parameter engine: whose code it runs.
    func run<Value: Sendable>(_ engine: ReplayEngine, _ body: @escaping @Sendable () -> Value) async -> Value {
        guard pool.count > 0 else { return body() }
        return await withCheckedContinuation { continuation in
            pool.add(Pool.Job(engine: engine) { continuation.resume(returning: body()) })
        }
    }

    /// Starts a thread in the place of each one whose job has run for longer than this. It goes when that job ends.
    ///
    /// - Returns: the engines of those jobs, each once.
    func relieve(after duration: Duration) -> [ReplayEngine] { pool.relieve(after: duration) }
}

extension TurnThreads {
    /// The jobs and the threads that take them.
    ///
    /// `@unchecked Sendable`: all is touched only between `lock` and `unlock` of the condition.
    private final class Pool: @unchecked Sendable {
        struct Job {
            let engine: ReplayEngine
            let body: @Sendable () -> Void
        }

        private struct Running {
            let engine: ReplayEngine
            let start = ContinuousClock.now
            var isRelieved = false
        }

        private let condition = NSCondition()
        let count: Int
        private let limit: Int
        private var jobs: Deque<Job> = []
        /// By the number of the job's thread.
        private var running: [Int: Running] = [:]
        private var threads: Set<Int> = []
        private var started = 0
        private var isOver = false

        init(count: Int, limit: Int) {
            self.count = count
            self.limit = limit
            condition.withLock { for _ in 0..<count { start() } }
        }

        func add(_ job: Job) {
            condition.withLock { jobs.append(job) }
            condition.signal()
        }

        func end() {
            condition.withLock { isOver = true }
            condition.broadcast()
        }

        func relieve(after duration: Duration) -> [ReplayEngine] {
            condition.withLock {
                let now = ContinuousClock.now
                let late = running.filter { !$0.value.isRelieved && now - $0.value.start > duration }
                for thread in late.keys {
                    running[thread]?.isRelieved = true
                    if threads.count < limit { start() }
                }
                return late.values.map(\.engine)
            }
        }

        private func start() {
            started += 1
            let number = started
            threads.insert(number)
            let thread = Thread { [self] in
                while let job = next(for: number) { job.body() }
            }
            thread.name = "reprise-turn-\(number)"
            // Workflow code may recurse as deep as it could on the main thread.
            thread.stackSize = 8 << 20
            thread.start()
        }

        /// The next job of a thread, whose last one is over; `nil` if the thread is to end.
        private func next(for thread: Int) -> Job? {
            condition.withLock {
                running[thread] = nil
                while threads.count - heldUp <= count {
                    if let job = jobs.popFirst() {
                        running[thread] = Running(engine: job.engine)
                        return job
                    }
                    guard !isOver else { break }
                    condition.wait()
                }
                threads.remove(thread)
                return nil
            }
        }

        private var heldUp: Int { running.values.count { $0.isRelieved } }
    }
}

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
        // Not a checked one: in debug builds that runs in the library, and the thread sanitizer would take the engine's going
        // from thread to thread for a race.
        return await withUnsafeContinuation { continuation in
            pool.add([engine], JobGroup(count: 1) { _ in continuation.resume(returning: body()) })
        }
    }

    /// Runs a closure for each of some engines: one after another on one thread, since a turn takes less time than the waking
    /// of a thread does; if one takes longer, other threads take the rest.
    ///
    /// - Parameters:
    ///   - body: runs the code of the engine at an index.
    ///   - finished: is called with indices whose body is over: all together, unless that takes long.
    func run(
        _ engines: [ReplayEngine], _ body: @escaping @Sendable (_ index: Int) -> Void,
        finished: @escaping @Sendable (_ indices: [Int]) -> Void
    ) {
        guard pool.count > 0 else {
            for index in engines.indices { body(index) }
            return finished(Array(engines.indices))
        }
        pool.add(engines, JobGroup(count: engines.count, body, finished: finished))
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
            let group: JobGroup
            let index: Int
        }

        private struct Running {
            let job: Job
            let start: ContinuousClock.Instant
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

        func add(_ engines: [ReplayEngine], _ group: JobGroup) {
            condition.withLock {
                for (index, engine) in engines.enumerated() {
                    jobs.append(Job(engine: engine, group: group, index: index))
                }
            }
            condition.signal()
            // Should one of them take long, the others don't wait for it.
            if engines.count > 1 { condition.signal() }
        }

        func end() {
            condition.withLock { isOver = true }
            condition.broadcast()
        }

        func relieve(after duration: Duration) -> [ReplayEngine] {
            let (late, reports) = condition.withLock {
                let now = ContinuousClock.now
                let late = running.filter { !$0.value.isRelieved && now - $0.value.start > duration }
                for thread in late.keys {
                    running[thread]?.isRelieved = true
                    if threads.count < limit { start() }
                }
                // Threads that wait are of use now, too.
                if !jobs.isEmpty { condition.broadcast() }
                let slow = late.values.map(\.job)
                return (slow.map(\.engine), slow.compactMap { $0.group.report(at: now) })
            }
            for report in reports { report() }
            return late
        }

        private func start() {
            started += 1
            let number = started
            threads.insert(number)
            let thread = Thread { [self] in
                while let (report, job) = next(for: number) {
                    report?()
                    if let job { job.group.body(job.index) }
                }
            }
            thread.name = "reprise-turn-\(number)"
            // Workflow code may recurse as deep as it could on the main thread.
            thread.stackSize = 8 << 20
            thread.start()
        }

        /// What a thread does next, whose last job is over: calls a report, and runs a job; `nil` if it is to end.
        private func next(for thread: Int) -> (report: JobGroup.Report?, job: Job?)? {
            condition.withLock {
                var now = ContinuousClock.now
                let done = running.removeValue(forKey: thread)
                // A thread that has nothing more to do can't know when the others are done.
                let report = done.flatMap { $0.job.group.finish($0.job.index, mayWait: !jobs.isEmpty, at: now) }
                while threads.count - heldUp <= count {
                    if let job = jobs.popFirst() {
                        if !jobs.isEmpty, let done, now - done.start > JobGroup.brief { condition.signal() }
                        running[thread] = Running(job: job, start: now)
                        return (report, job)
                    }
                    guard report == nil, !isOver else { break }
                    condition.wait()
                    now = .now
                }
                if report != nil { return (report, nil) }
                threads.remove(thread)
                return nil
            }
        }

        private var heldUp: Int { running.values.count { $0.isRelieved } }
    }
}

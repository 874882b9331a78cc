import DequeModule
import Foundation

/// A few threads of a worker's own, on which workflow code runs.
///
/// Not the cooperative pool: a workflow that computes for a second would hold up every task of the process, the renewal
/// of leases among them.
final class TurnThreads: Sendable {
    private let queue = Queue()
    private let count: Int

    init(count: Int) {
        self.count = count
        for index in 0..<count {
            let thread = Thread { [queue] in
                while let job = queue.next() { job() }
            }
            thread.name = "reprise-turn-\(index)"
            // Workflow code may recurse as deep as it could on the main thread.
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    deinit {
        for _ in 0..<count { queue.add(nil) }
    }

    /// Runs a closure on one of the threads.
    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            queue.add { continuation.resume(returning: body()) }
        }
    }

    /// A blocking queue.
    ///
    /// `@unchecked Sendable`: its jobs are touched only between `lock` and `unlock` of the condition.
    private final class Queue: @unchecked Sendable {
        typealias Job = @Sendable () -> Void

        private let condition = NSCondition()
        private var jobs: Deque<Job?> = []

        /// `nil` ends one thread.
        func add(_ job: Job?) {
            condition.withLock { jobs.append(job) }
            condition.signal()
        }

        func next() -> Job? {
            condition.withLock {
                while jobs.isEmpty { condition.wait() }
                return jobs.removeFirst()
            }
        }
    }
}

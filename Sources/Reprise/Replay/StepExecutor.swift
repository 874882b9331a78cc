import CThreadIdentity
import Dispatch
import Synchronization

/// Runs the jobs of one run's tasks, first in first out, on the thread that drives the run, and only while it does.
///
/// Jobs run with `runSynchronously(on:)` on the task executor alone. With the form that also takes a serial executor, a
/// suspension becomes about three jobs, and their order differs between debug and release builds.
///
/// `@unchecked Sendable`: the queue is behind a mutex. Jobs run only on the thread that began the step, and an enqueue
/// from anywhere else is noticed and reported by ``endStep()``.
final class StepExecutor: TaskExecutor, @unchecked Sendable {
    private struct State {
        var queue: [UnownedJob] = []
        var head = 0
        var owner: UInt?
        var sawForeignEnqueue = false
        var isAbandoned = false
    }

    private let state = Mutex(State())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let thread = reprise_thread_identity()
        let mustDrain = state.withLock { state in
            state.queue.append(job)
            if state.owner == thread { return false }
            state.sawForeignEnqueue = true
            return state.isAbandoned && state.owner == nil
        }
        if mustDrain { drainAbandoned() }
    }

    /// Whether the caller is on the thread of the step in progress.
    var isInStep: Bool {
        let thread = reprise_thread_identity()
        return state.withLock { $0.owner == thread }
    }

    /// Whether a task was resumed from outside a step since the last one.
    var hasForeignJob: Bool { state.withLock { $0.sawForeignEnqueue } }

    /// Makes the calling thread the one that may run workflow code.
    func beginStep() {
        let thread = reprise_thread_identity()
        state.withLock { state in
            precondition(state.owner == nil, "two threads step one run")
            state.owner = thread
        }
    }

    /// Ends the step.
    ///
    /// - Returns: whether a task was resumed from outside a step since the last call: it had suspended on something that
    ///   is not the engine's.
    func endStep() -> Bool {
        state.withLock { state in
            state.owner = nil
            defer { state.sawForeignEnqueue = false }
            return state.sawForeignEnqueue
        }
    }

    /// Runs jobs until none is left.
    func drain() {
        let executor = asUnownedTaskExecutor()
        while let job = next() {
            job.runSynchronously(on: executor)
        }
    }

    /// Nobody will step the run again: from now on, tasks that come back from a suspension outside the engine are run to
    /// their end at once, so that they leak nothing. Every operation they try throws.
    func abandon() {
        let mustDrain = state.withLock { state in
            state.isAbandoned = true
            return state.owner == nil && state.head < state.queue.count
        }
        if mustDrain { drainAbandoned() }
    }

    private func drainAbandoned() {
        // Not here: the caller may hold a lock of the thing that the task was suspended on.
        DispatchQueue.global().async { [self] in
            let thread = reprise_thread_identity()
            let isFree = state.withLock { state in
                guard state.owner == nil, state.head < state.queue.count else { return false }
                state.owner = thread
                return true
            }
            guard isFree else { return }
            drain()
            _ = endStep()
            abandon()  // picks up what came in between the two
        }
    }

    private func next() -> UnownedJob? {
        state.withLock { state in
            guard state.head < state.queue.count else { return nil }
            let job = state.queue[state.head]
            state.head += 1
            if state.head == state.queue.count {
                state.queue.removeAll(keepingCapacity: true)
                state.head = 0
            }
            return job
        }
    }
}

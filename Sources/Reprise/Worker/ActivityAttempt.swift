import Synchronization

/// An attempt of an activity that this worker runs: what the activity's code and the worker's loop share.
final class ActivityAttempt: Sendable {
    private struct State {
        var reason: CancellationReason?
        var running: Task<ActivityCompletion.Result, Never>?
    }

    let task: ActivityTask
    let heartbeats: Heartbeats
    private let state = Mutex(State())

    init(_ task: ActivityTask, _ runtime: WorkerRuntime = .machine, heartbeat: @escaping Heartbeats.Call) {
        self.task = task
        heartbeats = Heartbeats(
            details: task.heartbeatDetails, timeout: task.heartbeat, runtime: runtime, call: heartbeat)
    }

    /// Why it was cancelled; `nil` if it wasn't.
    var cancellationReason: CancellationReason? { state.withLock { $0.reason } }

    /// Runs its code, in a task of its own that ``cancel(_:)`` cancels, also if that comes before.
    func run(_ body: @escaping @Sendable () async -> ActivityCompletion.Result) async -> ActivityCompletion.Result {
        let running = Task { await body() }
        let isCancelled = state.withLock { state in
            state.running = running
            return state.reason != nil
        }
        if isCancelled { running.cancel() }
        return await running.value
    }

    /// Cancels its code. The first reason stays.
    func cancel(_ reason: CancellationReason) {
        let running = state.withLock { state in
            state.reason = state.reason ?? reason
            return state.running
        }
        // Not under the lock: it runs cancellation handlers, which may ask for the reason.
        running?.cancel()
    }
}

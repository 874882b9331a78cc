import Synchronization

/// An attempt of an activity that this worker runs: what the activity's code and the worker's loop share.
final class ActivityAttempt: Sendable {
    private struct State {
        var reason: CancellationReason?
        var cancel: (@Sendable () -> Void)?
    }

    let task: ActivityTask
    let heartbeats: Heartbeats
    /// When it is to be over, by the worker's clock. The backend enforces it; here it cancels the code.
    let deadline: Duration
    private let state = Mutex(State())

    init(
        _ task: ActivityTask, _ runtime: WorkerRuntime = .machine, remaining: Duration,
        heartbeat: @escaping Heartbeats.Call
    ) {
        self.task = task
        deadline = runtime.now() + remaining
        heartbeats = Heartbeats(
            details: task.heartbeatDetails, timeout: task.heartbeat, runtime: runtime, call: heartbeat)
    }

    /// Why it was cancelled; `nil` if it wasn't.
    var cancellationReason: CancellationReason? { state.withLock { $0.reason } }

    /// Runs its code, in a task of its own that ``cancel(_:)`` cancels, also if that comes before.
    @discardableResult
    func start<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Task<Value, Never> {
        let running = Task { await body() }
        let isCancelled = state.withLock { state in
            state.cancel = { running.cancel() }
            return state.reason != nil
        }
        if isCancelled { running.cancel() }
        return running
    }

    /// Cancels its code. The first reason stays.
    func cancel(_ reason: CancellationReason) {
        let cancel = state.withLock { state in
            state.reason = state.reason ?? reason
            return state.cancel
        }
        // Not under the lock: it runs cancellation handlers, which may ask for the reason.
        cancel?()
    }
}

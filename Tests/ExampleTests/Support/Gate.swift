import Synchronization

/// Holds whoever waits until it has been opened a number of times.
final class Gate: Sendable {
    private struct State {
        var closed: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    /// - Parameter count: how often ``open()`` must be called.
    init(count: Int = 1) { state = Mutex(State(closed: count)) }

    func open() {
        let waiting = state.withLock { state in
            state.closed -= 1
            guard state.closed <= 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if state.closed > 0 { state.waiting.append(continuation) }
                return state.closed <= 0
            }
            if isOpen { continuation.resume() }
        }
    }
}

import Synchronization

/// Lets test code wait for something that another task does.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Counts, and remembers the highest count.
final class Gauge: Sendable {
    private let state = Mutex((current: 0, highest: 0, total: 0))

    var highest: Int { state.withLock { $0.highest } }
    var total: Int { state.withLock { $0.total } }

    @discardableResult
    func enter() -> Int {
        state.withLock { state in
            state.current += 1
            state.total += 1
            state.highest = max(state.highest, state.current)
            return state.total
        }
    }

    func leave() { state.withLock { $0.current -= 1 } }
}

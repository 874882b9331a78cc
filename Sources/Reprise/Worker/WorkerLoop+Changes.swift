/// How what a worker does waits for other things that it does.
extension WorkerLoop {
    /// Something has changed that a condition of ``wait(until:)`` is about.
    func signalChange() {
        guard !waiters.isEmpty else { return }
        let all = waiters
        waiters = []
        for waiter in all {
            if waiter.condition() { waiter.continuation.resume() } else { waiters.append(waiter) }
        }
    }

    /// Not a tuple: a closure in one is wrapped once more each time that it is taken out and put back.
    struct Waiter {
        let condition: () -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    func wait(until condition: @escaping () -> Bool) async {
        while !condition() {
            await withCheckedContinuation { waiters.append(Waiter(condition: condition, continuation: $0)) }
        }
    }
}

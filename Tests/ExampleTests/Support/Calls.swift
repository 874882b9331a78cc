import Synchronization

/// What stubs were called with, in order.
final class Calls<Call: Sendable>: Sendable {
    private let calls = Mutex<[Call]>([])

    var all: [Call] { calls.withLock { $0 } }

    /// - Returns: how many there are now.
    @discardableResult
    func add(_ call: Call) -> Int {
        calls.withLock {
            $0.append(call)
            return $0.count
        }
    }
}

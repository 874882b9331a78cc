import Foundation
import Synchronization

/// What workflow code of the bench tells the command, in the same process. Real workflows have no such thing: it is outside of
/// what a history knows, and a replay would tell it again.
final class BenchProbe: Sendable {
    static let shared = BenchProbe()

    private struct State {
        var count = 0
        var waiting: (count: Int, continuation: CheckedContinuation<Void, Never>)?
        var seconds: [Double] = []
    }

    private let state = Mutex(State())

    func reset() { state.withLock { $0 = State() } }

    func count() {
        state.withLock { state in
            state.count += 1
            if let waiting = state.waiting, state.count >= waiting.count {
                state.waiting = nil
                waiting.continuation.resume()
            }
        }
    }

    func record(_ seconds: Double) { state.withLock { $0.seconds.append(seconds) } }

    var seconds: [Double] { state.withLock { $0.seconds } }

    /// Waits until so many were counted.
    func reaches(_ count: Int) async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.count >= count || Task.isCancelled { return true }
                    state.waiting = (count, continuation)
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                state.waiting?.continuation.resume()
                state.waiting = nil
            }
        }
        try Task.checkCancellation()
    }
}

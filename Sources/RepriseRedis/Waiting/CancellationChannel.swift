import RedisClient
import Reprise

/// Hears of the attempts that a worker need not go on with.
struct CancellationChannel: Sendable {
    let client: RedisClient
    let keys: Keys
    let errors: ErrorMapping

    /// Listens until the stream's consumer goes away or the client is shut down; returns when the subscription stands.
    func listen(to worker: String) async throws(BackendError) -> AsyncStream<ActivityCancellation> {
        let (stream, continuation) = AsyncStream.makeStream(of: ActivityCancellation.self)
        let (ready, signal) = AsyncThrowingStream.makeStream(of: Void.self)
        // What is missed is told by the next renewal.
        let subscription = client.subscribe(atBestEffortTo: keys.cancels(worker))
        let reader = Task {
            do {
                for try await event in subscription {
                    signal.finish()
                    guard case .message(let message) = event else { continue }
                    for cancellation in Self.cancellations(in: message) { continuation.yield(cancellation) }
                }
                signal.finish(throwing: BackendError(.cancelled, "the backend was shut down"))
            } catch {
                signal.finish(throwing: error)
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in reader.cancel() }
        do {
            for try await _ in ready {}
        } catch let error as RedisError {
            throw errors.mapped(error)
        } catch {
            throw error as? BackendError ?? errors.corrupt("\(error)")
        }
        if Task.isCancelled { throw BackendError(.cancelled, "the task was cancelled") }
        return stream
    }

    /// Reads `<reason> <nonce> <nonce>...`.
    static func cancellations(in message: [UInt8]) -> [ActivityCancellation] {
        let words = String(decoding: message, as: UTF8.self).split(separator: " ").map(String.init)
        guard let reason = words.first.map(CancellationReason.init(rawValue:)) else { return [] }
        return words.dropFirst().map { ActivityCancellation(nonce: $0, reason: reason) }
    }
}

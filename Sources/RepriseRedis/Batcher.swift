import RedisClient
import Synchronization

/// Sends what comes together in one call: what is handed in while a call is under way goes with the next one. So many items
/// need few calls, and a single one waits for nobody.
final class Batcher<Item: BatchItem, Answer: Sendable>: Sendable {
    /// Sends items in one call; the answers are in their order.
    typealias Send = @Sendable (_ items: [Item]) async throws(RedisError) -> [Answer]

    private typealias Outcome = Result<Answer, RedisError>

    private struct Waiting {
        let item: Item
        let continuation: UnsafeContinuation<Outcome, Never>
    }

    private struct Line {
        var waiting: ArraySlice<Waiting> = []
        var isSending = false
    }

    private let send: Send
    private let line = Mutex(Line())

    init(_ send: @escaping Send) { self.send = send }

    /// Hands in an item, and waits for its answer; again if the connection is lost and it can be repeated.
    func submit(_ item: Item) async throws(RedisError) -> Answer {
        var triesLeft = item.isRepeatable ? Limits.repeats : 0
        while true {
            do throws(RedisError) {
                return try await submitOnce(item)
            } catch {
                guard error.code == .connectionLost, triesLeft > 0 else { throw error }
                triesLeft -= 1
            }
        }
    }

    private func submitOnce(_ item: Item) async throws(RedisError) -> Answer {
        guard !Task.isCancelled else {
            throw RedisError(.cancelled, "the task was cancelled before it sent its command")
        }
        let outcome: Outcome = await withUnsafeContinuation { continuation in
            let mustSend = line.withLock { line in
                line.waiting.append(Waiting(item: item, continuation: continuation))
                defer { line.isSending = true }
                return !line.isSending
            }
            // It takes what has come when it begins to run: often more than this one. No caller's cancellation ends it.
            if mustSend { Task { await sendAll() } }
        }
        return try outcome.get()
    }

    /// Sends until nothing waits.
    private func sendAll() async {
        while let batch = next() {
            do throws(RedisError) {
                let answers = try await send(batch.map(\.item))
                guard answers.count == batch.count else {
                    throw RedisError(.unexpectedReply, "\(answers.count) answers for \(batch.count) items")
                }
                for (waiting, answer) in zip(batch, answers) {
                    waiting.continuation.resume(returning: .success(answer))
                }
            } catch {
                for waiting in batch { waiting.continuation.resume(returning: .failure(error)) }
            }
        }
    }

    /// What the next call brings; `nil` if nothing waits.
    private func next() -> ArraySlice<Waiting>? {
        line.withLock { line in
            var (count, words, bytes) = (0, 0, 0)
            for waiting in line.waiting.prefix(Limits.itemsPerCall) {
                words += waiting.item.arguments.count
                bytes += waiting.item.arguments.size
                guard count == 0 || words <= Limits.wordsPerCall && bytes <= Limits.effectBytes else { break }
                count += 1
            }
            let batch = line.waiting.prefix(count)
            line.waiting = line.waiting.dropFirst(count)
            line.isSending = count > 0
            return count > 0 ? batch : nil
        }
    }
}

/// Something that is sent together with others.
protocol BatchItem: Sendable {
    var arguments: ScriptArguments { get }
    /// Whether it has no second effect when it is sent again.
    var isRepeatable: Bool { get }
}

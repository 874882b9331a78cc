import RedisClient
import Synchronization

/// Sends what comes together in one call: what is handed in while a call is under way goes with the next one. So many items
/// need few calls, and a single one waits for nobody.
final class Batcher<Item: BatchItem, Answer: Sendable>: Sendable {
    /// Sends items in one call; the answers are in their order.
    typealias Send = @Sendable (_ items: [Item]) async throws(RedisError) -> [Answer]

    private typealias Outcome = Result<Answer, RedisError>

    private struct Line {
        /// What is not sent yet.
        var items: ArraySlice<(id: Int, item: Item)> = []
        var callers: [Int: UnsafeContinuation<Outcome, Never>] = [:]
        var lastID = 0
        var isSending = false
    }

    private let send: Send
    private let line = Mutex(Line())

    init(_ send: @escaping Send) { self.send = send }

    /// Hands in an item, and waits for its answer; again if the connection is lost and it can be repeated. A caller that is
    /// cancelled returns at once, and the answer to what is sent already is dropped.
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
        let id = line.withLock { line in
            line.lastID += 1
            return line.lastID
        }
        let outcome: Outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let mustSend = line.withLock { line in
                    line.items.append((id, item))
                    line.callers[id] = continuation
                    defer { line.isSending = true }
                    return !line.isSending
                }
                // It takes what has come when it begins to run: often more than this one. No caller's cancellation ends it.
                if mustSend { Task { await sendAll() } }
                // A cancellation just now may have found nothing to cancel.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        return try outcome.get()
    }

    private func cancel(_ id: Int) {
        let caller = line.withLock { line in
            line.items.removeAll { $0.id == id }
            return line.callers.removeValue(forKey: id)
        }
        caller?.resume(returning: .failure(RedisError(.cancelled, "the task was cancelled")))
    }

    /// Sends until nothing waits.
    private func sendAll() async {
        while let batch = next() {
            var outcomes: [Outcome]
            do throws(RedisError) {
                outcomes = try await send(batch.map(\.item)).map { .success($0) }
                if outcomes.count != batch.count {
                    throw RedisError(.unexpectedReply, "\(outcomes.count) answers for \(batch.count) items")
                }
            } catch {
                outcomes = batch.map { _ in .failure(error) }
            }
            let callers = line.withLock { line in batch.map { line.callers.removeValue(forKey: $0.id) } }
            for (caller, outcome) in zip(callers, outcomes) { caller?.resume(returning: outcome) }
        }
    }

    /// What the next call brings; `nil` if nothing waits.
    private func next() -> ArraySlice<(id: Int, item: Item)>? {
        line.withLock { line in
            var (count, words, bytes) = (0, 0, 0)
            for (_, item) in line.items.prefix(Limits.itemsPerCall) {
                words += item.arguments.count
                bytes += item.arguments.size
                guard count == 0 || words <= Limits.wordsPerCall && bytes <= Limits.effectBytes else { break }
                count += 1
            }
            let batch = line.items.prefix(count)
            line.items = line.items.dropFirst(count)
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

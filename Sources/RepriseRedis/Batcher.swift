import RedisClient
import Synchronization

/// Sends what comes together in one call: what is handed in while a call is under way goes with the next one. So many items
/// need few calls, and a single one waits for nobody.
final class Batcher<Item: BatchItem, Answer: Sendable>: Sendable {
    typealias Outcome = Result<Answer, RedisError>
    /// Sends items in one call; the answers are in their order.
    typealias Send = @Sendable (_ items: [Item]) async throws(RedisError) -> [Answer]

    /// Items that were handed in together, and who waits for them.
    private struct Group {
        var caller: UnsafeContinuation<[Outcome], Never>
        var outcomes: [Outcome] = []
        var count: Int
    }

    private struct Line {
        /// What is not sent yet; those of one group are side by side, and their answers come in this order.
        var items: ArraySlice<(group: Int, item: Item)> = []
        var groups: [Int: Group] = [:]
        var lastGroup = 0
        var isSending = false
    }

    private let send: Send
    private let line = Mutex(Line())

    init(_ send: @escaping Send) { self.send = send }

    /// Hands in items, and waits for the answers to all of them. A caller that is cancelled returns at once, and the answers to
    /// what is sent already are dropped.
    ///
    /// - Parameter repeats: whether those are sent again whose connection is lost.
    func submit(_ items: [Item], repeats: Bool) async -> [Outcome] {
        var outcomes = await submitOnce(items)
        for _ in 0..<(repeats ? Limits.repeats : 0) {
            let lost = outcomes.indices.filter { outcomes[$0].isConnectionLost }
            guard !lost.isEmpty else { break }
            for (index, outcome) in zip(lost, await submitOnce(lost.map { items[$0] })) { outcomes[index] = outcome }
        }
        return outcomes
    }

    private func submitOnce(_ items: [Item]) async -> [Outcome] {
        guard !Task.isCancelled else {
            let error = RedisError(.cancelled, "the task was cancelled before it sent its command")
            return items.map { _ in .failure(error) }
        }
        let group = line.withLock { line in
            line.lastGroup += 1
            return line.lastGroup
        }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { caller in
                let mustSend = line.withLock { line in
                    for item in items { line.items.append((group, item)) }
                    line.groups[group] = Group(caller: caller, count: items.count)
                    defer { line.isSending = true }
                    return !line.isSending
                }
                // It takes what has come when it begins to run: often more than this. No caller's cancellation ends it.
                if mustSend { Task { await sendAll() } }
                // A cancellation just now may have found nothing to cancel.
                if Task.isCancelled { cancel(group) }
            }
        } onCancel: {
            cancel(group)
        }
    }

    private func cancel(_ group: Int) {
        let cancelled = line.withLock { line in
            line.items.removeAll { $0.group == group }
            return line.groups.removeValue(forKey: group)
        }
        guard let cancelled else { return }
        let error = RedisError(.cancelled, "the task was cancelled")
        let missing = cancelled.count - cancelled.outcomes.count
        cancelled.caller.resume(returning: cancelled.outcomes + Array(repeating: .failure(error), count: missing))
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
            let done = line.withLock { line in
                var done: [Group] = []
                for ((id, _), outcome) in zip(batch, outcomes) {
                    line.groups[id]?.outcomes.append(outcome)
                    if let group = line.groups[id], group.outcomes.count == group.count {
                        line.groups[id] = nil
                        done.append(group)
                    }
                }
                return done
            }
            for group in done { group.caller.resume(returning: group.outcomes) }
        }
    }

    /// What the next call brings; `nil` if nothing waits.
    private func next() -> ArraySlice<(group: Int, item: Item)>? {
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
}

extension Result where Failure == RedisError {
    fileprivate var isConnectionLost: Bool {
        if case .failure(let error) = self { error.code == .connectionLost } else { false }
    }
}

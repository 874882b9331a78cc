import RedisClient
import Synchronization

/// Sends what comes together in one call: what is handed in while a call is under way goes with the next one, which waits for the
/// end of the first unless it brings much. So many items need few calls, Redis always has one to work on, and a single item waits
/// for nobody.
final class Batcher<Item: BatchItem, Answer: Sendable>: Sendable {
    typealias Outcome = Result<Answer, RedisError>
    /// Sends items in one call; the answers are in their order.
    typealias Send = @Sendable (_ items: [Item]) async throws(RedisError) -> [Answer]

    /// Items that were handed in together, and who waits for them.
    private struct Group {
        var caller: UnsafeContinuation<[Outcome], Never>
        /// `nil` where there is none yet.
        var outcomes: [Outcome?]
        var missing: Int
    }

    private struct Place {
        var group: Int
        var index: Int
    }

    private struct Line {
        /// What is not sent yet.
        var items: ArraySlice<(place: Place, item: Item)> = []
        var groups: [Int: Group] = [:]
        var lastGroup = 0
        /// How many calls are under way, or about to be made.
        var calls = 0

        var mustSend: Bool {
            guard !items.isEmpty else { return false }
            return calls == 0 || calls < Limits.callsUnderWay && items.count >= Limits.itemsBesideCall
        }
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
                    for (index, item) in items.enumerated() {
                        line.items.append((Place(group: group, index: index), item))
                    }
                    line.groups[group] = Group(
                        caller: caller, outcomes: Array(repeating: nil, count: items.count), missing: items.count)
                    guard line.mustSend else { return false }
                    line.calls += 1
                    return true
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
            line.items.removeAll { $0.place.group == group }
            return line.groups.removeValue(forKey: group)
        }
        guard let cancelled else { return }
        let error = RedisError(.cancelled, "the task was cancelled")
        cancelled.caller.resume(returning: cancelled.outcomes.map { $0 ?? .failure(error) })
    }

    /// Sends until nothing waits, or too little for one more call.
    private func sendAll() async {
        while let (batch, isMore) = next() {
            if isMore { Task { await sendAll() } }
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
                for ((place, _), outcome) in zip(batch, outcomes) {
                    line.groups[place.group]?.outcomes[place.index] = outcome
                    line.groups[place.group]?.missing -= 1
                    if let group = line.groups[place.group], group.missing == 0 {
                        line.groups[place.group] = nil
                        done.append(group)
                    }
                }
                return done
            }
            for group in done { group.caller.resume(returning: group.outcomes.map { $0! }) }
        }
    }

    /// What the next call brings, and whether one more is to be made beside it; `nil` if none is to be made.
    private func next() -> (batch: ArraySlice<(place: Place, item: Item)>, isMore: Bool)? {
        line.withLock { line in
            // This one is over.
            line.calls -= 1
            guard line.mustSend else { return nil }
            line.calls += 1
            var (count, words, bytes) = (0, 0, 0)
            for (_, item) in line.items.prefix(Limits.itemsPerCall) {
                words += item.arguments.count
                bytes += item.arguments.size
                guard count == 0 || words <= Limits.wordsPerCall && bytes <= Limits.effectBytes else { break }
                count += 1
            }
            let batch = line.items.prefix(count)
            line.items = line.items.dropFirst(count)
            let isMore = line.mustSend
            if isMore { line.calls += 1 }
            return (batch, isMore)
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

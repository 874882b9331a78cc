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
        /// Whether the last call brought what one caller handed in: then there is hardly more to come now.
        var isQuiet = true

        private var mustSend: Bool {
            guard !items.isEmpty else { return false }
            return calls == 0 || calls < Limits.callsUnderWay && items.count >= Limits.itemsBesideCall
        }

        /// Counts one more call if there is to be one.
        mutating func begin() -> Bool {
            guard mustSend else { return false }
            calls += 1
            return true
        }

        /// Counts a call for these items alone, if nothing else is there and they fit.
        mutating func begin(alone items: [Item]) -> Bool {
            guard isQuiet, calls == 0, self.items.isEmpty, Batcher.size(ofBatch: items) == items.count else {
                return false
            }
            calls += 1
            return true
        }

        /// A call is over.
        ///
        /// - Returns: whether to make the next one, which is counted then.
        mutating func end() -> Bool {
            calls -= 1
            return begin()
        }

        /// Takes what a call brings that is counted.
        mutating func take() -> ArraySlice<(place: Place, item: Item)> {
            let batch = items.prefix(Batcher.size(ofBatch: items.lazy.map(\.item)))
            items = items.dropFirst(batch.count)
            isQuiet = batch.first?.place.group == batch.last?.place.group
            return batch
        }
    }

    private let gathers: Bool
    private let send: Send
    private let line = Mutex(Line())

    /// - Parameter gathers: whether each call is made by a task of its own: what others hand in until it runs, who often begin at
    ///   the same moment, goes along. If not, a caller makes its call itself if nothing else is under way; others wait for it.
    init(gathers: Bool, _ send: @escaping Send) {
        self.gathers = gathers
        self.send = send
    }

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
        // Without a task for it, whose start wakes a thread: nobody else's items are in this call, so it may end with its caller's
        // cancellation.
        if !gathers, line.withLock({ $0.begin(alone: items) }) {
            let outcomes = await outcomes(of: items)
            if line.withLock({ $0.end() }) { Task { await sendAll() } }
            return outcomes
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
                    return line.begin()
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

    /// Makes a call that is counted, and others until nothing waits, or too little for one more.
    private func sendAll() async {
        repeat {
            let (batch, isMore) = line.withLock { line in (line.take(), line.begin()) }
            // What it was counted for may be cancelled.
            guard !batch.isEmpty else { continue }
            if isMore { Task { await sendAll() } }
            let outcomes = await outcomes(of: batch.map(\.item))
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
        } while line.withLock { $0.end() }
    }

    private func outcomes(of batch: [Item]) async -> [Outcome] {
        do throws(RedisError) {
            let answers = try await send(batch)
            guard answers.count == batch.count else {
                throw RedisError(.unexpectedReply, "\(answers.count) answers for \(batch.count) items")
            }
            return answers.map { .success($0) }
        } catch {
            return batch.map { _ in .failure(error) }
        }
    }

    /// How many of these, the first ones, a call brings.
    private static func size(ofBatch items: some Sequence<Item>) -> Int {
        var (count, words, bytes) = (0, 0, 0)
        for item in items.prefix(Limits.itemsPerCall) {
            words += item.arguments.count
            bytes += item.arguments.size
            guard count == 0 || words <= Limits.wordsPerCall && bytes <= Limits.effectBytes else { break }
            count += 1
        }
        return count
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

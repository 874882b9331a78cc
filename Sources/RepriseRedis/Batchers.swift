import RedisClient
import Synchronization

/// The lines in which calls wait that are sent together: one for starts, one for each worker, and one for what is recorded
/// without a claim.
final class Batchers: Sendable {
    /// What Redis answers to an item: its answer and the work, each `null` if there is none.
    typealias WorkAnswer = (answer: RedisReply, work: RedisReply)

    private let runner: ScriptRunner
    private let calls: WorkCalls
    private let workers = Mutex<[String?: Batcher<WorkItem, WorkAnswer>]>([:])
    let starts: Batcher<StartItem, RedisReply>

    init(runner: ScriptRunner, calls: WorkCalls) {
        self.runner = runner
        self.calls = calls
        starts = Batcher(gathers: true) { items throws(RedisError) in
            var call = runner.call(Scripts.shared.start)
            for item in items { call.append(contentsOf: item.arguments) }
            return try await runner.sendOnce(call).asArray
        }
    }

    func of(_ worker: String?) -> Batcher<WorkItem, WorkAnswer> {
        workers.withLock { workers in
            if let batcher = workers[worker] { return batcher }
            // The callers of a worker are its own; others may be kept from going on with the line when their call has ended.
            let batcher = Batcher<WorkItem, WorkAnswer>(gathers: worker == nil) {
                [runner, calls] items throws(RedisError) in
                let replies = try await runner.sendOnce(calls.make(items, of: worker)).asArray
                return stride(from: 0, to: replies.count - 1, by: 2).map { (replies[$0], replies[$0 + 1]) }
            }
            workers[worker] = batcher
            return batcher
        }
    }

    /// Forgets a worker that is gone. What waits is still sent.
    func remove(_ worker: String) { workers.withLock { $0[worker] = nil } }
}

import RedisClient
import Reprise
import Synchronization

/// The workers that registered through this backend, and the inbox of each.
final class Inboxes: Sendable {
    private let client: RedisClient
    private let keys: Keys
    private let errors: ErrorMapping
    private let clock: ServerClock
    private let workers = Mutex<[String: (queue: String, inbox: Inbox)]>([:])

    init(client: RedisClient, keys: Keys, errors: ErrorMapping, clock: ServerClock) {
        self.client = client
        self.keys = keys
        self.errors = errors
        self.clock = clock
    }

    func add(_ worker: WorkerRegistration) {
        workers.withLock { workers in
            if let inbox = workers[worker.id]?.inbox {
                workers[worker.id] = (worker.queue, inbox)
            } else {
                let inbox = Inbox(
                    key: keys.inbox(worker.id), connection: client.dedicatedConnection(),
                    eventLoop: client.eventLoop, errors: errors, clock: clock)
                workers[worker.id] = (worker.queue, inbox)
            }
        }
    }

    func queue(of worker: String) -> String? { workers.withLock { $0[worker]?.queue } }

    /// The queue that a worker takes from; empty if there is no worker, or it isn't known.
    func queue(of worker: String?) -> String { worker.flatMap { queue(of: $0) } ?? "" }

    func inbox(of worker: String) -> Inbox? { workers.withLock { $0[worker]?.inbox } }

    func remove(_ worker: String) async {
        let inbox = workers.withLock { $0.removeValue(forKey: worker)?.inbox }
        await inbox?.close()
    }

    func close() async {
        let all = workers.withLock { workers in
            defer { workers = [:] }
            return workers.values.map(\.inbox)
        }
        for inbox in all { await inbox.close() }
    }
}

import OrderedCollections

extension Store {
    /// Wakes an idle worker that has room for a task: one that knows its type, or else any, which will park it.
    mutating func wakeOne(in queue: String, _ kind: TaskKind, for type: String) {
        var other: String?
        for (id, worker) in workers
        where worker.isIdle && worker.serves(queue) && worker.room(for: kind) > 0 {
            if worker.knows(type, of: kind) {
                wake(id)
                return
            }
            other = other ?? id
        }
        if let other { wake(other) }
    }

    /// Wakes an idle worker for work that a claim left behind, or that was parked.
    mutating func wakeNext(in queue: String) {
        for (id, worker) in workers where worker.isIdle && worker.serves(queue) {
            if canTake(worker) {
                wake(id)
                return
            }
        }
    }

    /// Wakes an idle worker if there are messages and nobody else comes to deliver them.
    mutating func wakeForMessages() {
        guard !outbox.isEmpty, !workers.values.contains(where: \.hasToken) else { return }
        if let (id, _) = workers.first(where: { $0.value.isIdle }) { wake(id) }
    }

    /// Wakes a worker if it is idle though there is something for it.
    mutating func wakeIfUseful(_ id: String) {
        guard let worker = workers[id], worker.isIdle, canTake(worker) else { return }
        wake(id)
    }

    /// Whether there is work that a worker has room for and knows.
    func canTake(_ worker: StoredWorker) -> Bool {
        TaskKind.allCases.contains { worker.room(for: $0) > 0 && mayTake(worker, $0) }
    }

    /// Whether there is work that a worker knows, whether or not it has room.
    func mayTake(_ worker: StoredWorker) -> Bool {
        TaskKind.allCases.contains { mayTake(worker, $0) }
    }

    /// Whether there is work of a kind that a worker knows, whether or not it has room.
    func mayTake(_ worker: StoredWorker, _ kind: TaskKind) -> Bool {
        guard let list = queues[worker.registration.queue]?[kind] else { return false }
        return list.holdsType { worker.knows($0, of: kind) }
            || list.holdsSuspect { worker.knows($0, of: kind) } && mayTakeSuspect(worker.registration.id)
    }

    private mutating func wake(_ id: String) {
        workers[id]!.isIdle = false
        workers[id]!.hasToken = true
        woken.append(id)
    }
}

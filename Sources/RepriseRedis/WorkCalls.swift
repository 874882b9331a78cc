import Reprise
import Synchronization

/// Makes the calls of the script `work`.
final class WorkCalls: Sendable {
    private let runner: ScriptRunner
    private let inboxes: Inboxes
    private let retention: String
    /// How many bytes the first node of a stream has: a short history that closes is made smaller if it would waste much of it.
    let streamNodeBytes = Atomic(4096)

    init(runner: ScriptRunner, inboxes: Inboxes, retention: Retention) {
        self.runner = runner
        self.inboxes = inboxes
        self.retention = retention.packed
    }

    /// A call for some items.
    ///
    /// - Parameters:
    ///   - worker: takes the work that the items ask for, if they do. Only then its queue needs no wake-up: what else it has under
    ///     way may come before this.
    ///   - follower: the worker whose claim comes right after this, so that its queue needs no wake-up.
    func make(_ items: [WorkItem], of worker: String?, before follower: String? = nil) -> ScriptRunner.Call {
        let worker = items.contains { $0.request != nil } ? worker : nil
        var call = runner.call(
            Scripts.shared.work, worker ?? "", inboxes.queue(of: worker ?? follower), retention, Limits.sweep,
            RedisBackend.deathLimit, Limits.duePerClaim, Limits.entriesPerPage, Limits.bytesPerPage,
            Limits.bytesPerClaim,
            streamNodeBytes.load(ordering: .relaxed))
        for item in items { call.append(item) }
        return call
    }
}

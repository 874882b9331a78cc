import OrderedCollections
import Synchronization

/// What a test wants to know of a backend that is quiet.
extension InMemoryBackend {
    /// A task that no worker has taken.
    package struct StrandedTask: Sendable {
        package var run: RunID
        /// The workflow type, or the activity's name.
        package var type: String
        package var queue: String
        package var isActivity: Bool
    }

    /// The tasks that are queued: if the backend is quiet, no worker of their queue knows their types. Activities that a
    /// timeout will end are not among them.
    package var strandedTasks: [StrandedTask] {
        core.withLock { core in
            core.store.runs.values.sorted { $0.id.number < $1.id.number }.flatMap(\.strandedTasks)
        }
    }

    /// Every run that is kept, in the order of their starts.
    package var allRuns: [RunID] {
        core.withLock { core in core.store.runs.values.map(\.id).sorted { $0.number < $1.number } }
    }

    /// Whether a run is there and has not ended.
    package func isOpen(_ run: RunID) -> Bool {
        core.withLock { core in core.store.runs[run.number].map { !$0.state.isClosed } ?? false }
    }

    /// The nonces of what a worker holds.
    package func nonces(heldBy worker: String) -> [String] {
        core.withLock { core in core.store.held[worker].map { Array($0.keys) } ?? [] }
    }

    /// Moves a virtual clock to what is due next, as ``advance(by:)`` does.
    ///
    /// - Returns: whether there was something.
    package func advanceToNextDue() async -> Bool {
        let (now, due) = core.withLock { core in (core.now(), core.store.schedule.nextDue()) }
        guard let due else { return false }
        await advance(by: .milliseconds(max(0, due.milliseconds - now.milliseconds)))
        return true
    }
}

extension StoredRun {
    fileprivate var strandedTasks: [InMemoryBackend.StrandedTask] {
        if case .queued = place { return [.init(run: id, type: type, queue: queue, isActivity: false)] }
        return operations.sorted { $0.key < $1.key }.compactMap { _, operation in
            guard case .queued = operation.source, let activity = operation.activity,
                activity.timeouts.scheduleToStart == nil, activity.timeouts.scheduleToClose == nil
            else { return nil }
            return .init(run: id, type: activity.name, queue: activity.queue, isActivity: true)
        }
    }
}

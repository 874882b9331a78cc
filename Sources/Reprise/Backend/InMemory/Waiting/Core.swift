import Foundation
import OrderedCollections

/// What the lock of an in-memory backend guards: the data, the calls that wait, and the clock.
struct Core {
    var store: Store
    var waits = Waits()
    let isVirtual: Bool
    private var time: Timestamp
    /// Wakes the workers at a time of the system clock.
    var alarm: Alarm?

    /// A task that sleeps until a time.
    struct Alarm {
        var due: Timestamp
        var task: Task<Void, Never>
    }

    init(store: Store, clock: InMemoryBackend.Clock) {
        self.store = store
        switch clock.kind {
        case .system:
            isVirtual = false
            time = Timestamp(milliseconds: .min)
        case .virtual(let start):
            isVirtual = true
            time = start
        }
    }

    /// The clock, which never goes back.
    mutating func now() -> Timestamp {
        if !isVirtual {
            let milliseconds = (Date().timeIntervalSince1970 * 1000).rounded(.down)
            time = max(time, Timestamp(milliseconds: Int64(milliseconds)))
        }
        return time
    }

    /// Moves a virtual clock.
    mutating func setTime(_ time: Timestamp) { self.time = time }

    /// Takes out the waits that are over after a transition.
    mutating func collect() -> [Resumption] {
        var resumptions: [Resumption] = []
        if !store.changed.isEmpty {
            if !waits.runs.isEmpty {
                let store = store
                resumptions += waits.takeRuns { wait in
                    store.changed.contains(wait.run) ? store.answer(wait.condition, for: wait.run) : nil
                }
            }
            store.changed.removeAll(keepingCapacity: true)
        }
        if !store.woken.isEmpty {
            let woken = Set(store.woken)
            store.woken.removeAll(keepingCapacity: true)
            for wait in waits.work.values where woken.contains(wait.worker) {
                store.workers[wait.worker]?.hasToken = false
            }
            resumptions += waits.takeWork { woken.contains($0.worker) }
        }
        if !store.cancellations.isEmpty {
            for (worker, cancellation) in store.cancellations {
                let listeners = waits.listeners[worker] ?? [:]
                resumptions += listeners.values.map { .cancellation($0, cancellation) }
            }
            store.cancellations.removeAll(keepingCapacity: true)
        }
        if !waits.quiet.isEmpty, isQuiet { resumptions += waits.takeQuiet() }
        return resumptions
    }

    /// Wakes the workers whose waiting time is over, or all if something is due.
    mutating func ring(at now: Timestamp) -> [Resumption] {
        let isDue = store.schedule.nextDue().map { $0 <= now } ?? false
        return waits.takeWork { wait in isDue || (wait.end.map { $0 <= now } ?? false) }
    }

    /// When ``ring(at:)`` has to be called next.
    mutating func nextRing() -> Timestamp? {
        guard !waits.work.isEmpty else { return nil }
        let end = waits.work.values.lazy.compactMap(\.end).min()
        guard let due = store.schedule.nextDue() else { return end }
        return min(due, end ?? due)
    }

    /// Whether nothing is held, every worker waits for work, and there is nothing that one of them could take.
    var isQuiet: Bool {
        guard store.held.isEmpty else { return false }
        let waiting = Set(waits.work.values.map(\.worker))
        return store.workers.values.allSatisfy { worker in
            worker.expires <= time || (waiting.contains(worker.registration.id) && !store.mayTake(worker))
        }
    }
}

extension Store {
    /// The answer to a wait for a run, if its condition holds.
    func answer(_ condition: RunCondition, for number: Int) -> Result<RunDescription, BackendError>? {
        guard let run = runs[number] else { return nil }
        do throws(BackendError) {
            let description = try run.description()
            if run.state.isClosed { return .success(description) }
            switch condition {
            case .closed: return nil
            case .changed(let old): return description == old ? nil : .success(description)
            }
        } catch {
            return .failure(error)
        }
    }
}

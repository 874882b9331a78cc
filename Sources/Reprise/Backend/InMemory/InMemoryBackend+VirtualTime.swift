import Synchronization

extension InMemoryBackend {
    /// Moves a virtual clock, stopping at everything that is due on the way.
    ///
    /// Time passes only while nothing else can be done: the method waits until no worker holds a task or could take one,
    /// and every registered worker waits for work. Then it jumps to the next timer, retry or delayed start, lets the
    /// workers do what follows from it, and so on. It returns when the time has come and all is done that can be done.
    ///
    /// Leases and registrations don't run out meanwhile, and an activity that runs is waited for: it takes no virtual
    /// time, so its timeout can't be reached here. To test a timeout use ``jump(by:expiringLeases:)`` while it runs.
    /// Workers must be registered before, or they miss what happens. If the task is cancelled the method returns early.
    ///
    /// - Precondition: the clock is virtual and the duration isn't negative.
    public func advance(by duration: Duration) async {
        precondition(duration >= .zero, "time can't go back")
        let target = core.withLock { core in
            precondition(core.isVirtual, "only a virtual clock can be moved")
            return core.now().advanced(by: duration)
        }
        while !Task.isCancelled {
            switch step(towards: target) {
            case .busy: await waitUntilQuiet()
            case .moved: continue
            case .arrived: return
            }
        }
    }

    /// Moves a virtual clock at once, whatever is going on.
    ///
    /// Nothing is recorded by it; workers that wait are woken to find what is due.
    /// - Parameters:
    ///   - duration: how far; the clock must be virtual.
    ///   - expiringLeases: whether leases and registrations are that much nearer to their end. If not, they last as long
    ///     as before, and only timers, retries and the timeouts of running activities come nearer.
    /// - Precondition: the clock is virtual and the duration isn't negative.
    public func jump(by duration: Duration, expiringLeases: Bool) {
        precondition(duration >= .zero, "time can't go back")
        let resumptions = core.withLock { core in
            precondition(core.isVirtual, "only a virtual clock can be moved")
            let time = core.now().advanced(by: duration)
            if !expiringLeases {
                core.store.postponeRegistrations(by: duration, to: time)
                core.store.postponeLeases(by: duration)
            }
            core.setTime(time)
            return core.ring(at: core.now()) + core.collect()
        }
        for resumption in resumptions { resumption.resume() }
    }

    /// Waits until no worker holds a task or could take one, and every registered worker waits for work. It returns
    /// early if the task is cancelled.
    package func waitUntilQuiet() async {
        await wait(orCancelled: ()) { core, id, continuation in
            _ = core.now()
            if core.isQuiet { return () }
            core.waits.add(continuation, id: id)
            return nil
        }
    }

    /// How many workers are registered.
    package var workerCount: Int { core.withLock { $0.store.workerCount } }

    private enum Step {
        case busy, moved, arrived
    }

    private func step(towards target: Timestamp) -> Step {
        let (step, resumptions): (Step, [Resumption]) = core.withLock { core in
            let now = core.now()
            guard core.isQuiet else { return (.busy, []) }
            if !core.store.outbox.isEmpty {
                core.store.deliver(limit: .max, at: now)
                return (.moved, core.collect())
            }
            let due = core.store.schedule.nextDue()
            let isDue = due.map { $0 <= target } ?? false
            guard isDue || now < target else { return (.arrived, []) }
            let next = isDue ? max(due ?? now, now) : target
            let passed = Duration.milliseconds(next.milliseconds - now.milliseconds)
            core.store.postponeRegistrations(by: passed, to: next)
            core.setTime(next)
            core.store.recordDue(at: next, limit: .max)
            return (.moved, core.ring(at: next) + core.collect())
        }
        for resumption in resumptions { resumption.resume() }
        return step
    }
}

import DequeModule
import Synchronization

/// The driver's side: history in, decisions out.
extension ReplayEngine {
    /// Replays the turns among these entries and keeps the arrivals that no turn covers for ``advance(committedThrough:)``.
    ///
    /// Entries that were given before are skipped: a cached run is sent the tail of its history, in which its own turns
    /// are.
    package func load(_ entries: some Sequence<HistoryEntry>) {
        for entry in entries where phase != .stopped {
            if entry.isArrival {
                guard entry.number > max(steppedThrough, held.last?.number ?? 0) else { continue }
                held.append(entry)
            } else {
                do throws(CorruptHistory) {
                    try replay(Turn(decoding: entry.payload), through: entry.reference, bytes: entry.payload.count)
                } catch {
                    stop(.corruptHistory, "run \(run), entry \(entry.number): \(error.message)")
                }
            }
        }
    }

    /// Replays what was committed and steps nothing new: the debugger's view.
    package func replay(_ entries: [HistoryEntry], committedThrough: Int) {
        load(entries)
        stepReplaying([], through: committedThrough)
    }

    /// Steps the arrivals that are held. Those that a commit has covered already must decide nothing, since it recorded
    /// nothing; the others are new.
    package func advance(committedThrough: Int) {
        stepReplaying([], through: committedThrough)
        setReplaying(false)
        stepHeld(through: .max)
    }

    /// What was decided since the last commit; `nil` if the turn failed.
    package func draft(buildID: String) -> TurnDraft? {
        guard failure == nil else { return nil }
        return TurnDraft(
            through: steppedThrough,
            turn: Turn(
                firstCommand: log.committed, commands: log.decided, buildID: buildID, localResults: localResults),
            pending: pending, carried: (inbox.waiting.map(\.entry) + (lateCancellation.map { [$0] } ?? [])).sorted())
    }

    /// The draft is recorded.
    ///
    /// - Parameter bytes: of the turn; `nil` if there was none.
    package func didCommit(bytes: Int?) {
        log.didCommit()
        pending = []
        localResults = []
        if let bytes { countTurn(bytes) }
    }

    private func countTurn(_ bytes: Int) {
        shared.withLock {
            $0.history.count += 1
            $0.history.bytes += bytes
        }
    }

    private func replay(_ turn: Turn, through: Int, bytes: Int) throws(CorruptHistory) {
        let end = turn.firstCommand + turn.commands.count
        if end <= log.committed, through <= steppedThrough { return }  // our own
        guard turn.firstCommand == log.committed else {
            return stop(
                .corruptHistory,
                "run \(run): a turn begins at command \(turn.firstCommand), the history before it has \(log.committed)")
        }
        heldResults = Deque(turn.localResults)
        stepReplaying(turn.commands, through: through)
        countTurn(bytes)
        guard phase != .running || heldResults.isEmpty else {
            throw CorruptHistory("a turn has the result of a local activity that came after it")
        }
    }

    private func stepReplaying(_ commands: [Command], through: Int) {
        guard !commands.isEmpty || held.first.map({ $0.number <= through }) == true else { return }
        setReplaying(true)
        log.beginReplay(of: commands)
        stepHeld(through: through)
        guard phase != .stopped else { return }
        do throws(Divergence) { try log.endReplay() } catch { stop(.divergence, error.message(run: run)) }
    }

    private func stepHeld(through: Int) {
        while phase != .stopped, let arrival = held.first, arrival.number <= through {
            held.removeFirst()
            do throws(CorruptHistory) { try step(arrival) } catch {
                stop(.corruptHistory, "run \(run), entry \(arrival.number): \(error.message)")
            }
            steppedThrough = arrival.number
            while let local = heldResults.first, local.after <= steppedThrough, phase == .running {
                heldResults.removeFirst()
                apply(local)
            }
        }
    }

    private func setReplaying(_ isReplaying: Bool) {
        shared.withLock { $0.info.isReplaying = isReplaying }
    }

    // MARK: Arrivals

    private func step(_ arrival: HistoryEntry) throws(CorruptHistory) {
        shared.withLock {
            $0.now = arrival.time
            $0.history.count += 1
            $0.history.bytes += arrival.payload.count
        }
        switch arrival.kind {
        case .scheduled:
            startRecord = try StartRecord(decoding: arrival.payload)
        case .started:
            if !arrival.payload.isEmpty { startRecord = try StartRecord(decoding: arrival.payload) }
            guard let startRecord, phase == .waitingForStart else {
                throw CorruptHistory("it starts without an input, or twice")
            }
            // The workflow has its input now: a cached run doesn't keep it twice.
            self.startRecord = nil
            start(startRecord, at: arrival.time)
        case .activityCompleted:
            try resolveOperation(arrival, .completed(arrival.payload))
        case .activityFailed:
            try resolveOperation(arrival, .failed(FailureRecord(decoding: arrival.payload)))
        case .timerFired:
            try fire(arrival)
        case .signalled:
            try deliver(arrival)
        case .childCompleted:
            try resolveOperation(arrival, .completed(arrival.payload))
        case .childFailed:
            try resolveOperation(arrival, .failed(FailureRecord(decoding: arrival.payload)))
        case .terminated:
            // The claim is over and the turn will be fenced: nothing that is decided now counts.
            break
        case .cancelRequested:
            cancelRun(String(decoding: arrival.payload, as: UTF8.self), entry: arrival.number)
        default:
            throw CorruptHistory("\(arrival.kind) is not known to this version")
        }
    }

    private func start(_ record: StartRecord, at time: Timestamp) {
        shared.withLock { $0.startedAt = time }
        guard record.engineRevision <= StartRecord.currentEngineRevision else {
            return stop(
                .corruptHistory,
                "run \(run) was started by engine revision \(record.engineRevision); this worker has "
                    + "\(StartRecord.currentEngineRevision). Deploy a newer worker")
        }
        phase = .running
        for id in record.seenSignals { _ = inbox.isNew(id) }
        step {
            do throws(PayloadError) {
                let instance = try makeInstance(record.input, codec)
                self.instance = instance
                launchRoot { [self] in await instance.run(WorkflowContext(engine: self)) }
            } catch {
                _ = noted(error)
            }
        }
        // After `run`'s first job, as any signal.
        let signals = early
        early = []
        for signal in signals where phase == .running { step { deliver(signal) } }
    }

    private func resolveOperation(
        _ arrival: HistoryEntry, _ resolution: Operation.Resolution
    ) throws(CorruptHistory) {
        guard let operation = try takeOpen(arrival) else { return }
        step { resolve(operation, resolution) }
    }

    /// Cancels the tasks of `run` and of its handlers. What they do about it is up to them.
    private func cancelRun(_ reason: String, entry: Int) {
        let isFirst = shared.withLock { shared in
            defer { shared.cancellationReason = shared.cancellationReason ?? reason }
            return shared.cancellationReason == nil
        }
        if phase == .finished { lateCancellation = entry }
        guard isFirst, phase == .running else { return }
        step {
            for root in roots { root.task.cancel() }
        }
    }

    private func fire(_ arrival: HistoryEntry) throws(CorruptHistory) {
        guard let timer = try takeOpen(arrival) else { return }
        step {
            timer.resolution = .fired
            if let index = waits.firstIndex(where: { $0.timer === timer }) {
                resume(waits.remove(at: index).continuation, returning: .deadlineReached)
            } else if let index = receivers.firstIndex(where: { $0.timer === timer }) {
                resume(receivers.remove(at: index).continuation, returning: nil)
            } else if let onFire = timer.onFire {
                onFire()
            } else {
                resolve(timer, .fired)
            }
        }
    }

    /// An arrival for an operation that is resolved or cancelled by now says nothing, live and in replay alike.
    private func takeOpen(_ arrival: HistoryEntry) throws(CorruptHistory) -> Operation? {
        guard arrival.reference < log.nextPosition else {
            throw CorruptHistory("\(arrival.kind) is for operation \(arrival.reference), which was never asked for")
        }
        guard phase == .running, let operation = operations[arrival.reference] else { return nil }
        guard operation.canBeResolved(by: arrival.kind) else {
            throw CorruptHistory("\(arrival.kind) is for operation \(arrival.reference), which is something else")
        }
        operations[arrival.reference] = nil
        return operation
    }

    private func deliver(_ arrival: HistoryEntry) throws(CorruptHistory) {
        let item = SignalInbox.Item(entry: arrival.number, signal: try SignalRecord(decoding: arrival.payload))
        guard inbox.isNew(item.signal.id) else { return }
        switch phase {
        case .waitingForStart: early.append(item)
        case .running: step { deliver(item) }
        // A run that continues as new hands it on.
        case .finished, .stopped: inbox.add(item)
        }
    }
}

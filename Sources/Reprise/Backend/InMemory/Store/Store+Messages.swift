import DequeModule

extension Store {
    /// Delivers messages in the order in which they were sent.
    mutating func deliver(limit: Int, at now: Timestamp) {
        for _ in 0..<limit {
            guard let message = outbox.popFirst() else { return }
            switch message {
            case .start(let child, let record, let link):
                start(child, record: record, link, at: now)
            case .ended(let kind, let payload, let link):
                guard let parent = find(link.run), case .child = runs[parent]!.operations[link.operation]?.source else {
                    continue
                }
                runs[parent]!.operations[link.operation] = nil
                arrive(kind, run: parent, at: now, reference: link.operation, payload: payload)
            case .signal(let signal, let child):
                guard let number = openRun(of: child) else { continue }
                arrive(.signalled, run: number, at: now, payload: signal)
            case .cancel(let reason, let child):
                guard let number = openRun(of: child) else { continue }
                requestCancel(number, reason: reason, now: now)
            case .terminate(let reason, let child):
                guard let number = openRun(of: child) else { continue }
                terminate(number, reason: reason, now: now)
            }
        }
    }

    /// Starts a child, or tells its parent why not.
    private mutating func start(_ child: ScheduledChild, record: [UInt8], _ link: ParentLink, at now: Timestamp) {
        if let number = newestByID[child.workflowID], let run = runs[number], !run.state.isClosed {
            let failure = FailureRecord.alreadyRunning(run.id)
            outbox.append(.ended(.childFailed, payload: failure.encoded(), of: link))
            return
        }
        let run = newRun(of: child.workflowID)
        add(
            StoredRun(
                id: run, requestID: nil, type: child.type, queue: child.queue, version: child.version, parent: link))
        arrive(.started, run: run.number, at: now, payload: record)
    }

    /// A child's run, if it is open: then it is the newest of its workflow id.
    private func openRun(of child: Message.Child) -> Int? {
        guard let number = newestByID[child.workflowID], let run = runs[number], !run.state.isClosed,
            run.parent == child.link
        else { return nil }
        return number
    }
}

extension Store {
    // MARK: What a turn does to children

    mutating func start(_ child: ScheduledChild, record: [UInt8], of number: Int) {
        remove(child.operation, of: number)
        runs[number]!.operations[child.operation] = StoredOperation(
            source: .child(workflowID: child.workflowID, child.parentClosePolicy))
        outbox.append(.start(child, record: record, of: link(child.operation, of: number)))
    }

    mutating func signalChild(_ operation: Int, of number: Int, _ signal: [UInt8]) {
        guard let (child, _) = child(operation, of: number) else { return }
        outbox.append(.signal(signal, child))
    }

    /// Asks a child to end whose operation is being removed. A no-op if the operation is something else.
    mutating func cancelChild(_ operation: Int, of number: Int) {
        guard let (child, _) = child(operation, of: number) else { return }
        outbox.append(.cancel(reason: Reasons.cancelled(by: child.link.run), child))
    }

    // MARK: What the end of a run does

    /// Treats the open children of a run that ends by their policies.
    mutating func leaveChildren(of number: Int) {
        for operation in runs[number]!.operations.keys.sorted() {
            guard let (child, policy) = child(operation, of: number) else { continue }
            let reason = Reasons.closed(parent: child.link.run)
            switch policy {
            case .terminate: outbox.append(.terminate(reason: reason, child))
            case .cancel: outbox.append(.cancel(reason: reason, child))
            default: break
            }
        }
    }

    /// Tells the parent of a run that ends.
    ///
    /// - Parameter result: its output, its encoded failure, or the reason why it was ended.
    mutating func tellParent(of number: Int, _ state: RunState, result: [UInt8]) {
        guard let link = runs[number]!.parent else { return }
        let type: String
        switch state {
        case .completed: return outbox.append(.ended(.childCompleted, payload: result, of: link))
        case .failed: return outbox.append(.ended(.childFailed, payload: result, of: link))
        case .cancelled: type = FailureRecord.cancelled
        case .terminated: type = FailureRecord.terminated
        default: return
        }
        let failure = FailureRecord(type: type, message: String(decoding: result, as: UTF8.self))
        outbox.append(.ended(.childFailed, payload: failure.encoded(), of: link))
    }

    private func link(_ operation: Int, of number: Int) -> ParentLink {
        ParentLink(run: runs[number]!.id, operation: operation)
    }

    private func child(_ operation: Int, of number: Int) -> (Message.Child, ParentClosePolicy)? {
        guard case .child(let workflowID, let policy) = runs[number]!.operations[operation]?.source else { return nil }
        return (Message.Child(link: link(operation, of: number), workflowID: workflowID), policy)
    }
}

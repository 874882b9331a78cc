/// Signals: to a handler, to a task that waits for one, or into the inbox.
extension ReplayEngine {
    /// Takes the oldest signal of a name, or waits for one.
    ///
    /// - Returns: the encoded payload, or `nil` if the deadline came first.
    func receive(_ name: String, until due: Timestamp?, location: SourceLocation) async throws -> [UInt8]? {
        try await enter("receive", at: location)
        if let signal = inbox.take(name) { return signal.payload }
        if let due, due <= now { return nil }
        let timer = try due.map { due throws in try startTimer(due, location: location) }
        let id = newWaitID()
        return try await withTaskCancellationHandler {
            try await suspend {
                receivers.append(Receiver(id: id, name: name, timer: timer, continuation: $0))
            }
        } onCancel: {
            cancelFromTask { self.cancelReceiver(id, location: location) }
        }
    }

    /// Fails the turn where a wait for a signal could never end.
    func checkReceivable<Target, Payload>(_ signal: Signal<Target, Payload>) async throws {
        try await enter("receive")
        let problem: String
        if !(instance is TypedWorkflowInstance<Target>) {
            problem = "it is a signal of workflow \(Target.name)"
        } else if Target.handlers.contains(where: { $0.name.isExactly(signal.name) }) {
            problem = "its handler takes it; leave the handler out to receive it"
        } else {
            return
        }
        stop(.misuse, "workflow \(info.type) (run \(run)) can't receive signal \(signal.name): \(problem)")
        throw WorkflowStopped()
    }

    private func cancelReceiver(_ id: Int, location: SourceLocation) {
        guard let index = receivers.firstIndex(where: { $0.id == id }) else { return }
        let receiver = receivers.remove(at: index)
        if let timer = receiver.timer { cancel(timer, location: location) }
        resume(receiver.continuation, throwing: CancellationError())
    }

    /// Delivers a signal inside a step.
    func deliver(_ item: SignalInbox.Item) {
        do throws(PayloadError) {
            guard let invocation = try instance?.handle(item.signal, codec) else { return buffer(item) }
            guard case .suspending(let body) = invocation else { return }
            launchRoot { [self] in
                do {
                    try await body(WorkflowContext(engine: self))
                } catch is CancellationError where isCancelled {
                    // `run` was cancelled, too, and may have to clean up: it decides how the run ends.
                } catch {
                    finish(throwing: error)
                }
            }
        } catch {
            _ = noted(error)
        }
    }

    private func buffer(_ item: SignalInbox.Item) {
        guard let index = receivers.firstIndex(where: { $0.name.isExactly(item.signal.name) }) else {
            return inbox.add(item)
        }
        let receiver = receivers.remove(at: index)
        if let timer = receiver.timer { cancel(timer, location: nil) }
        resume(receiver.continuation, returning: item.signal.payload)
    }
}

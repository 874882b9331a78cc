import Foundation

/// One run, and what can be done with it from outside.
public struct WorkflowHandle<Target: Workflow>: RunControl {
    /// The client that it is from.
    public let client: WorkflowClient
    /// The run.
    public let run: RunID

    init(client: WorkflowClient, run: RunID) {
        self.client = client
        self.run = run
    }

    /// Waits until the run is closed, and returns what it returned; of a run that continues as new, what the last one of
    /// them does. The result is pushed; a store that goes away and comes back interrupts nothing. It can be read until the
    /// ``Retention`` removes the run.
    ///
    /// - Parameter timeout: `nil` waits for as long as it takes.
    /// - Throws: ``WorkflowFailure`` if the workflow threw, was cancelled or terminated, ``WaitTimeout``, `CancellationError`, ``BackendError``,
    ///   ``PayloadError``.
    public func result(timeout: Duration? = nil) async throws -> Target.Output {
        let description = try await within(timeout) {
            var description = try await wait(for: run, .closed)
            while let successor = description.successor { description = try await wait(for: successor, .closed) }
            return description
        }
        let failure: FailureRecord
        switch description.outcome {
        case .completed(let bytes):
            return try client.codec.decode(bytes, Target.outputCoder, "the output of workflow \(Target.name)")
        case .failed(let record):
            failure = record
        case .cancelled(let reason):
            failure = FailureRecord(type: FailureRecord.cancelled, message: reason)
        case .terminated(let reason):
            failure = FailureRecord(type: FailureRecord.terminated, message: reason)
        case .continuedAsNew, nil:
            let run = description.run
            throw BackendError(.corrupt, "run \(run) is closed without an outcome", run: run)
        }
        throw WorkflowFailure(run: description.run, record: failure, converter: client.codec.converter)
    }

    /// Waits until the run's description fits a condition, which is asked now and after each change.
    ///
    /// - Returns: the description that fits; or the last one, if the run closed without.
    /// - Throws: ``WaitTimeout``, `CancellationError`, ``BackendError``.
    @discardableResult
    public func wait(
        until condition: @escaping @Sendable (RunDescription) -> Bool, timeout: Duration? = nil
    ) async throws -> RunDescription {
        try await within(timeout) {
            // What the store says is compared as the store says it.
            var description = try await stored()
            while true {
                let readable = client.codec.converter.decoded(description)
                if condition(readable) || description.state.isClosed { return readable }
                description = try await wait(for: run, .changed(from: description))
            }
        }
    }

    /// Sends a signal. It is durable when the call returns.
    ///
    /// - Throws: ``BackendError`` (`runClosed`, `unavailable`, `outOfMemory`), ``PayloadError``, ``InvalidArgument`` if the
    ///   signal has a handler that ``Workflow/handlers`` doesn't list.
    public func signal<Payload>(_ signal: Signal<Target, Payload>, _ payload: Payload) async throws {
        guard signal.handler == nil || Target.handlers.contains(where: { $0.name.isExactly(signal.name) }) else {
            throw InvalidArgument(
                field: "signal", value: signal.name,
                problem: "its handler is not in \(Target.self).handlers, so it would never be called; list it there")
        }
        try InvalidArgument.check(name: signal.name, field: "signal")
        let payload = try client.codec.encode(payload, signal.coder, "signal \(signal.name)")
        let record = SignalRecord(id: UUID().uuidString, name: signal.name, payload: payload.bytes)
        _ = try await client.backend.signal(record, workflowID: run.workflowID, runNumber: run.number)
    }

    /// Sends a signal without a payload.
    public func signal(_ signal: Signal<Target, Void>) async throws {
        try await self.signal(signal, ())
    }

    private func wait(for run: RunID, _ condition: RunCondition) async throws -> RunDescription {
        var backoff = Backoff()
        while true {
            do throws(BackendError) {
                return try await client.backend.wait(for: run, until: condition)
            } catch {
                try Task.checkCancellation()
                guard error.code == .unavailable else { throw error }
            }
            await backoff.pause()
        }
    }

    /// Where the run is, or the one in which it goes on.
    private func describeLast() async throws -> RunDescription {
        let description = try await describe()
        guard description.successor != nil else { return description }
        return try await client.describe(id: run.workflowID)
    }

    private func within<Value: Sendable>(
        _ timeout: Duration?, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let timeout else { return try await body() }
        return try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw WaitTimeout(run: run, timeout: timeout, lastSeen: await lastSeen())
            }
            defer { group.cancelAll() }
            // The first to end decides; the group has two children.
            return try await group.next()!
        }
    }

    /// Where the run is, if the store says so within a second: it may be away.
    private func lastSeen() async -> RunDescription? {
        await withTaskGroup(of: RunDescription?.self) { group in
            group.addTask { try? await describeLast() }
            group.addTask {
                try? await Task.sleep(for: .seconds(1))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}

import Synchronization

/// Activities and timers, as workflow code asks for them.
extension ReplayEngine {
    /// Whether the run waits for an activity. For its driver, while no step is in progress.
    package func isOpen(_ operation: Int) -> Bool {
        phase == .running && operations[operation]?.canBeResolved(by: .activityCompleted) == true
    }

    /// Issues an activity for a worker's queue.
    func schedule<Input, Output>(
        _ activity: Activity<Input, Output>, _ input: Input, options: ActivityOptions, location: SourceLocation
    ) -> Operation {
        issue(.scheduleActivity, "start", activity, input, options: options, location) { number, _ in
            pending.append(
                PendingEffect(
                    operation: number,
                    kind: .activity(
                        queue: options.queue, timeouts: options.timeouts(for: activity.timeouts),
                        retry: options.retry ?? activity.retry)))
        }
    }

    /// Issues a command that runs an activity. It never throws: what keeps it from being issued is thrown where its value
    /// is awaited.
    ///
    /// - Parameter decided: called with the operation's number and the encoded input, unless the history has the command.
    func issue<Input, Output>(
        _ kind: Command.Kind, _ call: StaticString, _ activity: Activity<Input, Output>, _ input: Input,
        options: ActivityOptions, _ location: SourceLocation, decided: (Int, [UInt8]) -> Void
    ) -> Operation {
        let kindOfOperation = Operation.Kind.activity(name: activity.name)
        do {
            try check(call, at: location)
            try Task.checkCancellation()
            try check(activity, options, location)
            let payload = try codec.encode(input, activity.inputCoder, "the input of activity \(activity.name)")
            let command = Command(
                kind: kind, name: activity.name, fingerprint: payload.fingerprint, location: location.text,
                payload: payload.bytes)
            let number = try log.issue(command) { recorded in
                isSame(input, recorded, activity.inputCoder, "the input of activity \(activity.name)")
            }
            let operation = Operation(number: number, kind: kindOfOperation)
            operations[number] = operation
            if log.mode == .recording { decided(number, payload.bytes) }
            return operation
        } catch {
            return Operation(number: nil, kind: kindOfOperation, resolution: .thrown(noted(error)))
        }
    }

    /// Whether a recorded input means the same as the one that the code gives.
    func isSame<Value>(
        _ value: Value, _ recorded: [UInt8], _ coder: PayloadCoder<Value>, _ subject: @autoclosure () -> String
    ) -> Bool {
        do throws(PayloadError) {
            return coder.areEqual(try codec.decode(recorded, coder, subject()), value)
        } catch {
            // The code is not to blame for what can't be read. The first reason for which a turn stops counts.
            if error.decryption != nil { _ = noted(error) }
            return false
        }
    }

    /// Options that can't be meant fail the turn, not the run: a build with better ones goes on.
    private func check<Input, Output>(
        _ activity: Activity<Input, Output>, _ options: ActivityOptions, _ location: SourceLocation
    ) throws(WorkflowStopped) {
        do throws(InvalidArgument) {
            try InvalidArgument.check(name: activity.name, field: "name")
            if let queue = options.queue { try InvalidArgument.check(name: queue, field: "queue") }
            try (options.retry ?? activity.retry).check()
            try options.timeouts(for: activity.timeouts).check()
        } catch {
            stop(.misuse, "activity \(activity.name) at \(location.text), in run \(run): \(error)")
            throw WorkflowStopped()
        }
    }

    /// Suspends until an operation is resolved. Cancelling the last task that waits for it cancels the operation.
    func value(of operation: Operation, location: SourceLocation) async throws -> Operation.Resolution {
        // One that was never issued says why, and never changes.
        if operation.number == nil, let resolution = operation.resolution {
            await parkIfStubborn()
            return resolution
        }
        try await enter("value", at: location)
        if let resolution = operation.resolution { return resolution }
        let id = newWaitID()
        return try await withTaskCancellationHandler {
            try await suspend { operation.waiters.append((id, $0)) }
        } onCancel: {
            cancelFromTask { self.cancelWaiter(id, of: operation, location: location) }
        }
    }

    /// Issues a timer, unless it is due already.
    func sleep(until due: Timestamp, location: SourceLocation) async throws {
        try await enter("sleep", at: location)
        guard due > now else { return }
        let timer = try startTimer(due, location: location)
        if case .thrown(let error) = try await value(of: timer, location: location) { throw error }
    }

    func wait(
        until due: Timestamp?, location: SourceLocation, predicate: @escaping () -> Bool
    ) async throws -> WaitOutcome {
        try await enter("wait", at: location)
        if predicate() { return .satisfied }
        if let due, due <= now { return .deadlineReached }
        let timer = try due.map { due throws in try startTimer(due, location: location) }
        let id = newWaitID()
        return try await withTaskCancellationHandler {
            try await suspend {
                waits.append(Wait(id: id, timer: timer, predicate: predicate, continuation: $0))
            }
        } onCancel: {
            cancelFromTask { self.cancelWait(id, location: location) }
        }
    }

    func startTimer(_ due: Timestamp, location: SourceLocation) throws -> Operation {
        do throws(Divergence) {
            let number = try log.issue(
                Command(kind: .startTimer, argument: due.milliseconds, location: location.text))
            let timer = Operation(number: number, kind: .timer)
            operations[number] = timer
            return timer
        } catch {
            throw noted(error)
        }
    }

    func newWaitID() -> Int {
        nextWait += 1
        return nextWait
    }

    // MARK: Ending operations

    func resolve(_ operation: Operation, _ resolution: Operation.Resolution) {
        operation.resolution = resolution
        let waiters = operation.waiters
        operation.waiters = []
        for waiter in waiters { resume(waiter.continuation, returning: resolution) }
    }

    /// Ends an open operation and records that nothing is to come of it.
    func cancel(_ operation: Operation, location: SourceLocation?) {
        guard phase == .running, let number = operation.number, operations[number] === operation else { return }
        operations[number] = nil
        do throws(Divergence) {
            _ = try log.issue(
                Command(kind: .cancelOperation, argument: Int64(number), location: location?.text ?? ""))
            resolve(operation, .thrown(CancellationError()))
        } catch {
            resolve(operation, .thrown(noted(error)))
        }
    }

    private func cancelWaiter(_ id: Int, of operation: Operation, location: SourceLocation) {
        guard let index = operation.waiters.firstIndex(where: { $0.id == id }) else { return }
        guard operation.waiters.count > 1 else { return cancel(operation, location: location) }
        resume(operation.waiters.remove(at: index).continuation, throwing: CancellationError())
    }

    private func cancelWait(_ id: Int, location: SourceLocation) {
        guard let index = waits.firstIndex(where: { $0.id == id }) else { return }
        let wait = waits.remove(at: index)
        if let timer = wait.timer { cancel(timer, location: location) }
        resume(wait.continuation, throwing: CancellationError())
    }

    /// A task's cancellation handler runs on whatever thread cancels it. Inside a step that is our own; from elsewhere
    /// the workflow's state must not be touched, and the turn is marked as failed.
    func cancelFromTask(_ body: () -> Void) {
        guard executor.isInStep else {
            shared.withLock {
                $0.misuse = $0.misuse ?? "a task of workflow \($0.info.type) was cancelled from outside its own tasks"
            }
            return
        }
        body()
    }

    /// Turns the engine's own errors into a failure of the turn, and into what workflow code sees of it.
    func noted(_ error: any Error) -> any Error {
        switch error {
        case let divergence as Divergence: stop(.divergence, divergence.message(run: run))
        case let payload as PayloadError: stop(.payload, "workflow \(info.type) (run \(run)): \(payload.message)")
        default: return error
        }
        return WorkflowStopped()
    }
}

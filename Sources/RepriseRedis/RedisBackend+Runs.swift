import RedisClient
public import Reprise

extension RedisBackend {
    // MARK: Clients

    /// Starts a run. See ``Reprise/Backend/start(_:)``.
    public func start(_ request: StartRequest) async throws(BackendError) -> RunID {
        if let fault = request.fault { throw BackendError(.invalidRequest, fault) }
        let subscription = replies.beginStart()
        defer { replies.endStart() }
        let item = StartItem(
            arguments: ScriptArguments(
                request.workflowID, request.requestID, request.queue, request.record.type, request.record.version,
                request.record.encoded(), request.startAt.map { String($0.storable) } ?? "",
                subscription == nil ? "" : replies.name))
        let answered: RedisReply
        do throws(RedisError) {
            answered = try await batchers.starts.submit([item], repeats: true)[0].get()
        } catch {
            throw errors.mapped(error)
        }
        var reply = try ReplyCursor(try errors.checked(answered), errors)
        let answer = try reply.string()
        let run = RunID(workflowID: request.workflowID, number: try reply.int())
        if answer == "started", let subscription { replies.expect(run, by: subscription) }
        if answer == "open" {
            throw BackendError(.alreadyRunning, "the workflow id \(run.workflowID) has an open run: \(run)", run: run)
        }
        return run
    }

    /// Records a signal. See ``Reprise/Backend/signal(_:workflowID:runNumber:)``.
    public func signal(
        _ signal: SignalRecord, workflowID: String, runNumber: Int?
    ) async throws(BackendError) -> RunID {
        if let fault = signal.fault { throw BackendError(.invalidRequest, fault) }
        let number = try await resolved(workflowID, runNumber)
        let call = runner.call(scripts.signal, workflowID, number, signal.encoded())
        var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
        let answer = try reply.string()
        let run = RunID(workflowID: workflowID, number: try reply.int())
        switch answer {
        case "signalled": return run
        case "closed": throw BackendError(.runClosed, "run \(run) is closed and takes no signal", run: run)
        case "missing": throw notFound(workflowID, runNumber)
        default: throw errors.corrupt("the history of run \(run) refuses an entry", run: run)
        }
    }

    /// Tells where a run is. See ``Reprise/Backend/describe(workflowID:runNumber:)``.
    public func describe(workflowID: String, runNumber: Int?) async throws(BackendError) -> RunDescription {
        let call = runner.call(scripts.describe, workflowID, runNumber.map(String.init) ?? "")
        var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
        if reply.isAtEnd { throw notFound(workflowID, runNumber) }
        return try RunFields(&reply, errors).description(errors)
    }

    /// Reads a part of a history. See ``Reprise/Backend/history(of:after:limit:)``.
    public func history(of run: RunID, after number: Int, limit: Int) async throws(BackendError) -> [HistoryEntry] {
        let call = runner.call(
            scripts.history, run.description, max(number, 0), max(min(limit, 512), 1), Limits.bytesPerPage)
        var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
        if reply.isAtEnd { throw notFound(run.workflowID, run.number) }
        var next = try reply.int()
        var entries: [HistoryEntry] = []
        while !reply.isAtEnd {
            entries.append(try reply.entry(number: next))
            next &+= 1
        }
        return entries
    }

    /// Lists blocked runs. See ``Reprise/Backend/blockedRuns(after:limit:)``.
    public func blockedRuns(after last: RunDescription?, limit: Int) async throws(BackendError) -> [RunDescription] {
        let call = runner.call(
            scripts.blocked, last?.run.description ?? "",
            last?.blockage.map { String($0.since.milliseconds) } ?? "", max(min(limit, Limits.runsPerPage), 1))
        var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
        var page: [RunDescription] = []
        while !reply.isAtEnd {
            var run = try reply.list()
            page.append(try RunFields(&run, errors).description(errors))
        }
        return page
    }

    /// Makes a blocked run go on. See ``Reprise/Backend/unblock(_:)``.
    public func unblock(_ run: RunID) async throws(BackendError) {
        let call = runner.call(scripts.unblock, run.description)
        while true {
            switch try word(try await runner.sendRepeating(call)) {
            case "more": continue
            case "missing": throw notFound(run.workflowID, run.number)
            default: return
            }
        }
    }

    /// Waits until a run is closed or changes. See ``Reprise/Backend/wait(for:until:)``.
    public func wait(for run: RunID, until condition: RunCondition) async throws(BackendError) -> RunDescription {
        let interest = try await replies.listen(to: run)
        var description: RunDescription?
        do throws(BackendError) {
            var notices = interest.notices.makeAsyncIterator()
            // The start of a run names who waits for its end: then there is nothing to ask for.
            var isRegistered = interest.isExpected && condition == .closed
            while true {
                if !isRegistered {
                    let current = try await register(interest, condition)
                    description = current
                    if condition.holds(for: current) { break }
                }
                isRegistered = false
                guard let notice = await notices.next(isolation: nil) else {
                    throw replies.failure
                }
                if case .closed(let message) = notice, let fields = try RunFields(message: message, errors) {
                    description = try fields.description(errors)
                    break
                }
            }
        } catch {
            await leave(interest, isOpen: !(description?.state.isClosed ?? false))
            throw error
        }
        await leave(interest, isOpen: !(description?.state.isClosed ?? false))
        guard let description else { throw notFound(run.workflowID, run.number) }
        return description
    }

    /// Puts this backend on the run's list of waiters, and reads where the run is.
    private func register(
        _ interest: ReplyChannel.Interest, _ condition: RunCondition
    ) async throws(BackendError) -> RunDescription {
        let call = runner.call(
            scripts.wait, interest.run.description, replies.name, condition == .closed ? "0" : "1",
            interest.id)
        var reply = try ReplyCursor(try await runner.sendRepeating(call), errors)
        if reply.isAtEnd { throw notFound(interest.run.workflowID, interest.run.number) }
        return try RunFields(&reply, errors).description(errors)
    }

    /// Ends a wait. Takes this backend off the run's list if nobody else here waits for it; if that fails, the run tells
    /// somebody who doesn't listen, which does no harm.
    private func leave(_ interest: ReplyChannel.Interest, isOpen: Bool) async {
        guard let last = replies.remove(interest), isOpen else { return }
        let call = runner.call(scripts.unwait, interest.run.description, replies.name, last)
        let runner = runner
        // Not as a part of the task that waited: it may be cancelled.
        Task { _ = try? await runner.send(call) }
    }

    /// The number of the run that a call is about: a repeat of it must not mean a run that came later.
    func resolved(_ workflowID: String, _ number: Int?) async throws(BackendError) -> Int {
        if let number { return number }
        return try await describe(workflowID: workflowID, runNumber: nil).run.number
    }

    func notFound(_ workflowID: String, _ number: Int?) -> BackendError {
        guard let number else { return BackendError(.runNotFound, "the workflow id “\(workflowID)” has no run") }
        let run = RunID(workflowID: workflowID, number: number)
        return BackendError(.runNotFound, "there is no run \(run)", run: run)
    }

    func word(_ reply: RedisReply) throws(BackendError) -> String {
        do throws(RedisError) {
            return try reply.asString
        } catch {
            throw errors.mapped(error)
        }
    }
}

extension RunCondition {
    /// Whether the wait is over.
    fileprivate func holds(for description: RunDescription) -> Bool {
        switch self {
        case .closed: description.state.isClosed
        case .changed(let before): description.state.isClosed || description != before
        }
    }
}

/// Several things at once, and the bounds of one.
///
/// The closures given here may use the workflow's own state: they run one at a time, on the workflow's thread, and change
/// turns only where they `await`.
extension WorkflowContext {
    /// Gives up on anything after a duration: cancels it, waits until it has ended, and throws ``TimedOut``.
    ///
    /// ```swift
    /// let receipt = try await context.withTimeout(.minutes(10)) {
    ///     let order = try await context.receive(Self.ordered)
    ///     return try await context.execute(Payments.charge, order)
    /// }
    /// ```
    ///
    /// What `body` returns counts even if it comes after the timeout, and so does an error other than
    /// `CancellationError`. Without a timeout of its own, nothing is lost and nothing stays behind.
    /// - Throws: ``TimedOut``, what `body` throws, `CancellationError`.
    @discardableResult
    public func withTimeout<Value>(
        _ timeout: Duration, fileID: String = #fileID, line: Int = #line, _ body: @escaping () async throws -> Value
    ) async throws -> Value {
        let location = SourceLocation(fileID: fileID, line: line)
        try await engine.enter("withTimeout", at: location)
        guard timeout > .zero else { throw TimedOut(timeout: timeout) }
        let timer = try engine.startTimer(engine.now.advanced(by: timeout), location: location)
        let group = SubtaskGroup()
        var hasTimedOut = false
        timer.onFire = {
            hasTimedOut = true
            group.cancelAll()
        }
        let result = await engine.runAlone(body, in: group)
        engine.cancel(timer, location: nil)
        do {
            return try result.get()
        } catch is CancellationError where hasTimedOut && !Task.isCancelled {
            throw TimedOut(timeout: timeout)
        }
    }

    /// Runs operations side by side; the first that ends decides, by what it returns or throws. The others are cancelled,
    /// and have ended when this returns.
    ///
    /// ```swift
    /// let decision = try await context.race(
    ///     { try await context.receive(Self.decided) },
    ///     {
    ///         try await context.sleep(for: .days(3))
    ///         return .expired
    ///     })
    /// ```
    @discardableResult
    public func race<Value>(
        _ first: @escaping () async throws -> Value, _ others: (() async throws -> Value)...,
        fileID: String = #fileID, line: Int = #line
    ) async throws -> Value {
        try await engine.enter("race", at: SourceLocation(fileID: fileID, line: line))
        var winner: Result<Value, any Error>?
        await engine.runSubtasks([first] + others) { _, result, group in
            guard winner == nil else { return }
            winner = result
            group.cancelAll()
        }
        // All have ended, so one of them was the first.
        return try winner!.get()
    }

    /// Transforms items side by side, at most so many at a time, and returns the results in the order of the items.
    ///
    /// ```swift
    /// let receipts = try await context.map(invoices, maxConcurrent: 50) { invoice in
    ///     try await context.execute(Payments.charge, invoice)
    /// }
    /// ```
    ///
    /// The first error cancels what is under way and is thrown when that has ended.
    /// - Parameter maxConcurrent: at least 1. Default: all at once.
    public func map<Item, Output>(
        _ items: some Collection<Item>, maxConcurrent: Int = .max, fileID: String = #fileID, line: Int = #line,
        _ transform: @escaping (Item) async throws -> Output
    ) async throws -> [Output] {
        try await engine.enter("map", at: SourceLocation(fileID: fileID, line: line))
        guard !items.isEmpty else { return [] }
        var results: [Output?] = Array(repeating: nil, count: items.count)
        var next = items.startIndex
        var position = 0
        var failure: (any Error)?
        let lane: () async throws -> Void = {
            while next < items.endIndex, failure == nil {
                let (item, index) = (items[next], position)
                items.formIndex(after: &next)
                position += 1
                results[index] = try await transform(item)
            }
        }
        let lanes = Array(repeating: lane, count: min(max(maxConcurrent, 1), items.count))
        await engine.runSubtasks(lanes) { _, result, group in
            guard case .failure(let error) = result, failure == nil else { return }
            failure = error
            group.cancelAll()
        }
        if let failure { throw failure }
        return results.map { $0! }  // no failure: each lane went on until no item was left
    }

    /// Keeps cancellation from a piece of work: it goes on to its end although the run, or the task that waits for it, is
    /// cancelled. For cleaning up and for steps that belong together.
    ///
    /// ```swift
    /// do {
    ///     try await context.sleep(for: .days(30))
    /// } catch is CancellationError {
    ///     try await context.withShield {
    ///         try await context.execute(Seats.release, seat)
    ///     }
    ///     throw CancellationError()
    /// }
    /// ```
    @discardableResult
    public func withShield<Value>(
        fileID: String = #fileID, line: Int = #line, _ body: @escaping () async throws -> Value
    ) async throws -> Value {
        // Not `enter`: that throws if the task is cancelled, which is what a shield is for.
        do { try engine.check("withShield", at: SourceLocation(fileID: fileID, line: line)) } catch {
            await engine.parkIfStubborn()
            throw error
        }
        return try await engine.runAlone(body, isShielded: true).get()
    }
}

/// Thrown by ``WorkflowContext/withTimeout(_:fileID:line:_:)`` when the time is over.
public struct TimedOut: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    /// The timeout.
    public let timeout: Duration

    /// The message for a log.
    public var description: String { "it did not end within \(timeout)" }
}

extension ReplayEngine {
    /// Runs a closure as a subtask and waits for it.
    fileprivate func runAlone<Value>(
        _ body: @escaping () async throws -> Value, isShielded: Bool = false, in group: SubtaskGroup = SubtaskGroup()
    ) async -> Result<Value, any Error> {
        var outcome: Result<Value, any Error>?
        await runSubtasks([body], isShielded: isShielded, in: group) { _, result, _ in outcome = result }
        return outcome!  // set when the subtask ended
    }
}

public import Foundation
public import Logging

/// A workflow's view of its run: time, activities, timers, signals. Pass it to helpers and child tasks freely; use it only
/// from the workflow's own tasks.
///
/// Every operation that suspends throws `CancellationError` if its task is cancelled, at once, and takes back what it had
/// put in place.
public struct WorkflowContext: Sendable {
    let engine: ReplayEngine

    // MARK: The run

    /// The run's id, number, type, version and queue.
    public var info: WorkflowInfo { engine.info }

    /// When the run began. The same in every replay.
    public var startedAt: Date { engine.read("startedAt") { $0.startedAt.date } }

    /// The time of the event being processed: workflow code's clock. It stands still between two suspensions, and is the
    /// same in every replay.
    public var now: Date { engine.read("now") { $0.now.date } }

    /// A logger that names the run, and is silent while recorded history is replayed.
    public var logger: Logger { engine.logger }

    /// Sets a variable that the debugger shows, under a name made at run time. For a fixed name use ``Variable``.
    ///
    /// - Parameter value: shown as JSON if it is `Encodable`, else by its description. The last setting counts.
    public func setVariable(_ name: String, _ value: some Sendable) {
        engine.setVariable(name, value)
    }

    // MARK: Activities

    /// Runs an activity and waits for its result.
    ///
    /// To have several at once, use ``start(_:_:options:fileID:line:)``. A child task may use the context and values of its
    /// own, not the workflow's state: copy what it needs into a local constant first.
    ///
    /// - Throws: ``ActivityFailure`` when it has failed for good; `CancellationError` if this task is cancelled.
    @discardableResult
    public func execute<Input, Output>(
        _ activity: Activity<Input, Output>, _ input: Input, options: ActivityOptions = .init(),
        fileID: String = #fileID, line: Int = #line
    ) async throws -> Output {
        try await start(activity, input, options: options, fileID: fileID, line: line).value
    }

    /// Runs an activity that takes no input.
    @discardableResult
    public func execute<Output>(
        _ activity: Activity<Void, Output>, options: ActivityOptions = .init(), fileID: String = #fileID,
        line: Int = #line
    ) async throws -> Output {
        try await start(activity, options: options, fileID: fileID, line: line).value
    }

    /// Begins an activity without waiting for it: the way to have several at once.
    ///
    /// ```swift
    /// let one = context.start(Numbers.random)
    /// let two = context.start(Numbers.random)
    /// return try await one.value + two.value
    /// ```
    ///
    /// An activity that is open when the workflow ends is cancelled.
    public func start<Input, Output>(
        _ activity: Activity<Input, Output>, _ input: Input, options: ActivityOptions = .init(),
        fileID: String = #fileID, line: Int = #line
    ) -> ActivityHandle<Output> {
        let location = SourceLocation(fileID: fileID, line: line)
        return ActivityHandle(
            engine: engine,
            operation: engine.schedule(activity, input, options: options, location: location),
            name: activity.name, coder: activity.outputCoder, location: location)
    }

    /// Begins an activity that takes no input.
    public func start<Output>(
        _ activity: Activity<Void, Output>, options: ActivityOptions = .init(), fileID: String = #fileID,
        line: Int = #line
    ) -> ActivityHandle<Output> {
        start(activity, (), options: options, fileID: fileID, line: line)
    }

    // MARK: Time

    /// Suspends for a duration, durably: for milliseconds or for months. It returns at once if the duration isn't
    /// positive.
    public func sleep(for duration: Duration, fileID: String = #fileID, line: Int = #line) async throws {
        try await engine.sleep(
            until: engine.now.advanced(by: duration), location: SourceLocation(fileID: fileID, line: line))
    }

    /// Suspends until a date, durably. It returns at once if the date is past.
    public func sleep(until date: Date, fileID: String = #fileID, line: Int = #line) async throws {
        try await engine.sleep(until: Timestamp(date), location: SourceLocation(fileID: fileID, line: line))
    }

    /// Suspends until a condition on the workflow's own state holds, or until a deadline.
    ///
    /// The condition is looked at now, and again after each event. It must not change anything. Conditions that come
    /// true together go on one after the other, in the order in which they began to wait, and each is looked at again.
    ///
    /// - Parameter deadline: `nil` waits for as long as it takes.
    @discardableResult
    public func wait(
        deadline: Date? = nil, until condition: @escaping () -> Bool, fileID: String = #fileID, line: Int = #line
    ) async throws -> WaitOutcome {
        try await engine.wait(
            until: deadline.map(Timestamp.init), location: SourceLocation(fileID: fileID, line: line),
            predicate: condition)
    }

    /// Suspends until a condition on the workflow's own state holds, or for a duration. As
    /// ``wait(deadline:until:fileID:line:)``.
    @discardableResult
    public func wait(
        within duration: Duration, until condition: @escaping () -> Bool, fileID: String = #fileID, line: Int = #line
    ) async throws -> WaitOutcome {
        try await engine.wait(
            until: engine.now.advanced(by: duration), location: SourceLocation(fileID: fileID, line: line),
            predicate: condition)
    }

    // MARK: Signals

    /// Takes the oldest buffered signal, or waits for one. Signals are buffered from the run's start on, so none is lost
    /// that came early.
    public func receive<Target, Payload>(
        _ signal: Signal<Target, Payload>, fileID: String = #fileID, line: Int = #line
    ) async throws -> Payload {
        try await engine.checkReceivable(signal)
        let location = SourceLocation(fileID: fileID, line: line)
        // Without a deadline there is always a payload.
        let payload = try await engine.receive(signal.name, until: nil, location: location)
        return try engine.decode(payload ?? [], signal.coder, "signal \(signal.name)")
    }

    /// Takes the oldest buffered signal, or waits for one until a deadline; then it returns `nil`.
    public func receive<Target, Payload>(
        _ signal: Signal<Target, Payload>, deadline: Date, fileID: String = #fileID, line: Int = #line
    ) async throws -> Payload? {
        try await receive(
            signal, until: Timestamp(deadline), location: SourceLocation(fileID: fileID, line: line))
    }

    /// Takes the oldest buffered signal, or waits for one for a duration; then it returns `nil`.
    public func receive<Target, Payload>(
        _ signal: Signal<Target, Payload>, within duration: Duration, fileID: String = #fileID, line: Int = #line
    ) async throws -> Payload? {
        try await receive(
            signal, until: engine.now.advanced(by: duration), location: SourceLocation(fileID: fileID, line: line))
    }

    private func receive<Target, Payload>(
        _ signal: Signal<Target, Payload>, until due: Timestamp, location: SourceLocation
    ) async throws -> Payload? {
        try await engine.checkReceivable(signal)
        guard let payload = try await engine.receive(signal.name, until: due, location: location) else { return nil }
        return try engine.decode(payload, signal.coder, "signal \(signal.name)")
    }
}

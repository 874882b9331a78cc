/// Activities that the workflow's own worker runs.
extension WorkflowContext {
    /// Runs a short activity right here: in the worker that takes the turn, without a queue. Its result is recorded with the
    /// turn, so it costs nothing but its own time.
    ///
    /// ```swift
    /// let rate = try await context.executeLocally(Rates.lookUp, .init(from: "EUR", to: "SEK"))
    /// ```
    ///
    /// For what takes less than a second or so: meanwhile the run does nothing else, and ``withTimeout(_:fileID:line:_:)``
    /// around it can't interrupt it, since the timer begins when the turn is recorded. It runs again if the turn could not be
    /// recorded. Retry policy and the timeouts start-to-close and schedule-to-close hold; the worker that runs the workflow
    /// must have the activity.
    /// - Throws: ``ActivityFailure`` when it has failed for good; `CancellationError` if this task is cancelled.
    @discardableResult
    public func executeLocally<Input, Output>(
        _ activity: Activity<Input, Output>, _ input: Input, options: ActivityOptions = .init(),
        fileID: String = #fileID, line: Int = #line
    ) async throws -> Output {
        let location = SourceLocation(fileID: fileID, line: line)
        return try await ActivityHandle(
            engine: engine,
            operation: engine.scheduleLocally(activity, input, options: options, location: location),
            name: activity.name, coder: activity.outputCoder, location: location
        ).value
    }

    /// Runs a short activity that takes no input right here.
    @discardableResult
    public func executeLocally<Output>(
        _ activity: Activity<Void, Output>, options: ActivityOptions = .init(), fileID: String = #fileID,
        line: Int = #line
    ) async throws -> Output {
        try await executeLocally(activity, (), options: options, fileID: fileID, line: line)
    }
}

/// What can be done with a run from outside, whatever its workflow is: ``WorkflowHandle`` and ``RunHandle`` have it.
public protocol RunControl: Sendable {
    /// The client that the handle is from.
    var client: WorkflowClient { get }
    /// The run.
    var run: RunID { get }
}

extension RunControl {
    /// Tells where the run is.
    public func describe() async throws -> RunDescription { client.codec.converter.decoded(try await stored()) }

    /// The run as the store describes it.
    func stored() async throws -> RunDescription {
        try await client.backend.describe(workflowID: run.workflowID, runNumber: run.number)
    }

    /// Asks the run to end. The workflow decides how: its waits throw `CancellationError`, and it may clean up before it
    /// ends. A run that has not started yet ends at once. A no-op if it was asked before.
    ///
    /// ```swift
    /// let order = try await client.handle(Order.self, id: "order-42")
    /// try await order.cancel(reason: "the customer changed their mind")
    /// ```
    ///
    /// - Parameter reason: shown in the history, and in the failure that ``result(timeout:)`` throws if the workflow ends so.
    /// - Throws: ``BackendError`` (`runClosed`, `unavailable`).
    public func cancel(reason: String = "no reason was given") async throws {
        _ = try await client.backend.requestCancel(
            workflowID: run.workflowID, runNumber: run.number, reason: client.codec.converter.encoded(reason))
    }

    /// Ends the run at once, without asking the workflow: for one that is stuck, or must not go on. Nothing of its code
    /// runs any more, so nothing is cleaned up or compensated; its timers and activities are taken back. A no-op if it was
    /// terminated before.
    ///
    /// ```swift
    /// let order = try await client.handle(Order.self, id: "order-42")
    /// try await order.terminate(reason: "it was started by mistake")
    /// ```
    ///
    /// - Parameter reason: shown in the history, and in the failure that ``result(timeout:)`` throws.
    /// - Throws: ``BackendError`` (`runClosed`, `unavailable`).
    public func terminate(reason: String = "no reason was given") async throws {
        _ = try await client.backend.terminate(
            workflowID: run.workflowID, runNumber: run.number, reason: client.codec.converter.encoded(reason))
    }

    /// Pauses the run: its workflow takes no step until it is resumed. A step in progress is finished. What it waits for
    /// goes on meanwhile: activities run, timers fire, signals are accepted. A no-op if it is paused.
    ///
    /// ```swift
    /// let order = try await client.handle(Order.self, id: "order-42")
    /// try await order.pause()
    /// try await order.wait(until: { $0.state == .paused }, timeout: .seconds(10))
    /// try await order.resume()
    /// ```
    ///
    /// - Throws: ``BackendError`` (`runClosed`, `unavailable`).
    public func pause() async throws {
        try await client.backend.pause(run)
    }

    /// Lets a paused run go on, with all that arrived meanwhile. A no-op if it isn't paused.
    ///
    /// - Throws: ``BackendError`` (`runClosed`, `unavailable`).
    public func resume() async throws {
        try await client.backend.resume(run)
    }

    /// Makes a blocked run go on, after what blocked it was mended: its failed turns and dead workers are forgotten. A no-op
    /// if it isn't blocked.
    ///
    /// ```swift
    /// let order = try await client.handle(id: "order-42")
    /// print(try await order.describe().reason ?? "")
    /// try await order.unblock()
    /// ```
    ///
    /// - Throws: ``BackendError`` (`runNotFound`, `unavailable`).
    public func unblock() async throws {
        try await client.backend.unblock(run)
    }
}

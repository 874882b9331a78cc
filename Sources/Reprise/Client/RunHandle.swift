/// One run, for who doesn't have its workflow's type or doesn't need it: tools, people on call, other services.
///
/// ```swift
/// let order = try await client.handle(id: "order-42")
/// try await order.cancel(reason: "the customer changed their mind")
/// ```
///
/// For results and signals get a ``WorkflowHandle`` from ``WorkflowClient/handle(_:id:runNumber:)``.
public struct RunHandle: RunControl {
    /// The client that it is from.
    public let client: WorkflowClient
    /// The run.
    public let run: RunID
}

/// A workflow type as a worker or a debugger knows it.
public struct WorkflowRegistration: Sendable {
    /// The registered name.
    public let name: String
    let typeName: String
    let makeInstance: @Sendable ([UInt8], PayloadCodec) throws(PayloadError) -> any WorkflowInstance

    /// Registers a type.
    public init<Target: Workflow>(_ type: Target.Type) {
        name = type.name
        typeName = String(reflecting: type)
        makeInstance = { input, codec throws(PayloadError) in
            try TypedWorkflowInstance<Target>(input: input, codec: codec)
        }
    }
}

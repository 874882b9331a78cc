import Foundation

/// Starts workflows and finds runs.
///
/// ```swift
/// let client = WorkflowClient(backend: backend)
/// let subscription = try await client.start(Subscription.self, id: "sub-42", input)
/// let output = try await subscription.result()
/// ```
public struct WorkflowClient: Sendable {
    let backend: any Backend
    let codec: PayloadCodec

    /// Makes a client.
    ///
    /// - Parameters:
    ///   - backend: where the runs are.
    ///   - dataConverter: the same as the workers'. Default: JSON.
    ///   - payloadLimit: the largest payload, in bytes. Default: 2 MiB.
    public init(
        backend: any Backend, dataConverter: any DataConverter = JSONDataConverter(),
        payloadLimit: Int = 2 * 1024 * 1024
    ) {
        self.backend = backend
        codec = PayloadCodec(converter: dataConverter, limit: payloadLimit)
    }

    /// Starts a run.
    ///
    /// - Parameters:
    ///   - type: the workflow.
    ///   - id: names the run to you, 1 to 255 bytes. An id whose run is closed can be used again.
    ///   - input: the workflow's input.
    ///   - options: queue, version, delayed start.
    /// - Returns: a handle of that run.
    /// - Throws: ``BackendError`` (`alreadyRunning`, `unavailable`, `outOfMemory`), ``InvalidArgument``, ``PayloadError``.
    @discardableResult
    public func start<Target: Workflow>(
        _ type: Target.Type, id: String, _ input: Target.Input, options: StartOptions = .init()
    ) async throws -> WorkflowHandle<Target> {
        try InvalidArgument.check(name: id, field: "id")
        try InvalidArgument.check(name: Target.name, field: "\(Target.self).name")
        try InvalidArgument.check(name: options.queue, field: "queue")
        try InvalidArgument.check(name: options.version, field: "version", mayBeEmpty: true)
        let payload = try codec.encode(input, Target.inputCoder, "the input of workflow \(Target.name)")
        let record = StartRecord(type: Target.name, version: options.version, input: payload.bytes)
        let run = try await backend.start(
            StartRequest(
                requestID: UUID().uuidString, workflowID: id, queue: options.queue, record: record,
                startAt: options.startAt.map(Timestamp.init)))
        return WorkflowHandle(client: self, run: run)
    }

    /// Starts a run of a workflow that takes no input.
    @discardableResult
    public func start<Target: Workflow>(
        _ type: Target.Type, id: String, options: StartOptions = .init()
    ) async throws -> WorkflowHandle<Target> where Target.Input == Void {
        try await start(type, id: id, (), options: options)
    }

    /// Finds the newest run of a workflow id, or the one with a number.
    ///
    /// - Throws: ``BackendError`` (`runNotFound`, `unavailable`), ``InvalidArgument`` if it is of another type.
    public func handle<Target: Workflow>(
        _ type: Target.Type, id: String, runNumber: Int? = nil
    ) async throws -> WorkflowHandle<Target> {
        let description = try await describe(id: id, runNumber: runNumber)
        guard description.type.isExactly(Target.name) else {
            throw InvalidArgument(
                field: "type", value: Target.name, problem: "run \(description.run) is a \(description.type)")
        }
        return WorkflowHandle(client: self, run: description.run)
    }

    /// Finds the newest run of a workflow id, or the one with a number, of whatever type.
    ///
    /// - Throws: ``BackendError`` (`runNotFound`, `unavailable`), ``InvalidArgument``.
    public func handle(id: String, runNumber: Int? = nil) async throws -> RunHandle {
        handle(of: try await describe(id: id, runNumber: runNumber).run)
    }

    /// A handle of a run that is known to be there, as one from a list.
    public func handle(of run: RunID) -> RunHandle { RunHandle(client: self, run: run) }

    /// Tells where the newest run of a workflow id is, or the one with a number.
    ///
    /// - Throws: ``BackendError`` (`runNotFound`, `unavailable`), ``InvalidArgument``.
    public func describe(id: String, runNumber: Int? = nil) async throws -> RunDescription {
        try InvalidArgument.check(name: id, field: "id")
        return codec.converter.decoded(try await backend.describe(workflowID: id, runNumber: runNumber))
    }
}

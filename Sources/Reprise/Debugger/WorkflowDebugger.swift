import Logging

/// Looks into a run from outside, by replaying its stored history: running or finished, with nothing executed and nothing
/// written.
public struct WorkflowDebugger: Sendable {
    private let backend: any Backend
    private let codec: PayloadCodec
    private let threads = TurnThreads(count: 1, limit: 1)

    /// Makes a debugger.
    ///
    /// - Parameter dataConverter: the same as the workers'. Default: JSON.
    public init(backend: any Backend, dataConverter: any DataConverter = JSONDataConverter()) {
        self.backend = backend
        codec = PayloadCodec(converter: dataConverter, limit: .max)
    }

    /// The variables of a run, as of the last event that a worker has processed.
    ///
    /// - Parameters:
    ///   - type: the workflow type, as it was when the history was recorded.
    ///   - id: the workflow id.
    ///   - runNumber: the run; default is the newest.
    /// - Throws: ``BackendError`` (`runNotFound`, `unavailable`), ``TurnFailure`` if the code doesn't fit the history,
    ///   ``InvalidArgument`` if the run is of another type.
    public func variables<Target: Workflow>(
        of type: Target.Type, id: String, runNumber: Int? = nil
    ) async throws -> WorkflowVariables {
        // First how far it is, then the history: the history may be newer, never older.
        let description = try await backend.describe(workflowID: id, runNumber: runNumber)
        guard description.type.isExactly(Target.name) else {
            throw InvalidArgument(
                field: "type", value: Target.name, problem: "run \(description.run) is a \(description.type)")
        }
        let history = try await backend.wholeHistory(of: description.run)
        let workflow = WorkflowRegistration(type)
        let engine = ReplayEngine(
            run: description.run, workflow: workflow, version: description.version, queue: description.queue,
            codec: codec, logger: Logger(label: "reprise.debugger") { _ in SwiftLogNoOpLogHandler() })
        let result = await threads.run(engine) { () -> Result<WorkflowVariables, TurnFailure> in
            defer { engine.evict() }
            engine.replay(history, committedThrough: description.through)
            if let failure = engine.failure { return .failure(failure) }
            return .success(WorkflowVariables(engine.allVariables))
        }
        return try result.get()
    }
}

extension Backend {
    /// Reads a history page by page, after an entry, and up to another if that is known.
    package func wholeHistory(
        of run: RunID, after start: Int = 0, through end: Int = .max
    ) async throws(BackendError) -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        var last = start
        while last < end {
            let page = try await history(of: run, after: last, limit: min(1000, end - last))
            guard !page.isEmpty else { break }
            entries += page
            last = entries.last!.number
        }
        return entries
    }
}

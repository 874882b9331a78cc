public import Foundation
public import Logging
public import Reprise

/// Runs workflows in a test: in memory, with a clock that moves only when you say so and only when nothing else can be
/// done.
///
/// ```swift
/// let environment = try TestEnvironment {
///     Subscription.self
///     Payments.charge.implement { _ in throw Declined() }
/// }
/// let subscription = try await environment.start(Subscription.self, id: "sub-1", input)
/// await environment.advance(by: .days(40))
/// #expect(try await environment.variables(of: Subscription.self, id: "sub-1").value("overdue") == 100)
/// ```
///
/// Activities take no virtual time, so their timeouts don't pass here; see ``InMemoryBackend/jump(by:expiringLeases:)``.
///
/// By default every turn replays the whole history, so that code which is not deterministic fails its test. The worker
/// stops when the environment goes away.
public final class TestEnvironment: Sendable {
    /// Where the runs are.
    public let backend: InMemoryBackend
    /// A client of it.
    public let client: WorkflowClient
    /// A debugger of it.
    public let debugger: WorkflowDebugger
    let queue = "default"
    private let worker: Task<Void, any Error>

    /// Makes an environment and starts its worker.
    ///
    /// - Parameters:
    ///   - start: where the clock begins. Default: 2026-01-01 00:00 UTC.
    ///   - replaysEveryTurn: whether each turn replays the whole history. Default: yes.
    ///   - dataConverter: as in production. Default: JSON.
    ///   - logger: gets what the worker, workflows and activities log. Default: warnings and errors go to standard error,
    ///     such as that of an activity without an implementation here.
    ///   - registrations: workflows, and activities or stubs of them.
    /// - Throws: ``InvalidArgument`` if two registrations have one name.
    public init(
        startingAt start: Date = Date(timeIntervalSince1970: 1_767_225_600), replaysEveryTurn: Bool = true,
        dataConverter: any DataConverter = JSONDataConverter(), logger: Logger? = nil,
        @RegistrationBuilder _ registrations: () -> [Registration]
    ) throws {
        // Closed runs stay: a test may move the clock by years before it asks for a result.
        let backend = InMemoryBackend(
            clock: .virtual(startingAt: Timestamp(start)), retention: .unlimited)
        var options = WorkerOptions(name: "test")
        if replaysEveryTurn { options.maxCachedRuns = 0 }
        // A turn that can't be taken shows at once.
        options.turnRetry = .none
        let worker = try Worker(
            backend: backend, queue: queue, options: options, dataConverter: dataConverter,
            logger: logger ?? TestEnvironment.warnings, registrations)
        self.backend = backend
        client = WorkflowClient(backend: backend, dataConverter: dataConverter)
        debugger = WorkflowDebugger(backend: backend, dataConverter: dataConverter)
        self.worker = Task { try await worker.run() }
    }

    deinit { worker.cancel() }

    private static var warnings: Logger {
        var logger = Logger(label: "test") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return logger
    }

    /// The time by the environment's clock.
    public var now: Date { backend.now.date }

    /// Starts a run.
    @discardableResult
    public func start<Target: Workflow>(
        _ type: Target.Type, id: String, _ input: Target.Input, options: StartOptions = .init()
    ) async throws -> WorkflowHandle<Target> {
        try await client.start(type, id: id, input, options: options)
    }

    /// Starts a run of a workflow that takes no input.
    @discardableResult
    public func start<Target: Workflow>(
        _ type: Target.Type, id: String, options: StartOptions = .init()
    ) async throws -> WorkflowHandle<Target> where Target.Input == Void {
        try await client.start(type, id: id, options: options)
    }

    /// Moves the clock, stopping at everything that is due on the way, and returns when all is done that can be done.
    public func advance(by duration: Duration) async {
        await untilWorking()
        await backend.advance(by: duration)
    }

    /// Waits until all is done that can be done without moving the clock.
    public func settle() async {
        await untilWorking()
        await backend.waitUntilQuiet()
    }

    /// The variables of a run.
    public func variables<Target: Workflow>(of type: Target.Type, id: String) async throws -> WorkflowVariables {
        try await debugger.variables(of: type, id: id)
    }

    /// The worker registers on a task of its own: before it has, there is nobody to wait for.
    private func untilWorking() async {
        while backend.workerCount == 0, !Task.isCancelled { await Task.yield() }
    }
}

public import Logging
public import ServiceLifecycle

/// Runs workflows, activities, or both, from one queue of a backend.
///
/// ```swift
/// let worker = try Worker(backend: backend, queue: "billing", logger: logger) {
///     Subscription.self
///     PaymentActivities(gateway: stripe)
/// }
/// try await ServiceGroup(services: [worker], gracefulShutdownSignals: [.sigterm], logger: logger).run()
/// ```
///
/// Start as many as you like, in as many processes. What one holds when it dies goes to another when its lease expires;
/// what it holds when it is shut down is handed back at once.
public struct Worker: Service {
    private let backend: any Backend
    private let registry: Registry
    private let queue: String
    private let options: WorkerOptions
    private let codec: PayloadCodec
    private let logger: Logger
    /// A simulation gives its own.
    package var runtime = WorkerRuntime.machine

    /// Makes a worker. It does nothing before ``run()``.
    ///
    /// - Parameters:
    ///   - backend: where the work is.
    ///   - queue: the queue to serve. Default: `default`.
    ///   - options: concurrency, lease, names.
    ///   - dataConverter: the same as the clients'. Default: JSON.
    ///   - logger: for the worker, its workflows and its activities.
    ///   - registrations: what it runs.
    /// - Throws: ``InvalidArgument`` if two workflow types or activities have one name, a name is empty or too long, or an
    ///   option is out of its range.
    public init(
        backend: any Backend, queue: String = "default", options: WorkerOptions = .init(),
        dataConverter: any DataConverter = JSONDataConverter(), logger: Logger,
        @RegistrationBuilder _ registrations: () -> [Registration]
    ) throws(InvalidArgument) {
        try InvalidArgument.check(name: queue, field: "queue")
        try options.check()
        registry = try Registry(registrations())
        self.backend = backend
        self.queue = queue
        self.options = options
        self.logger = logger
        codec = PayloadCodec(converter: dataConverter, limit: options.payloadLimit)
    }

    /// Works until graceful shutdown or cancellation: then running turns finish, unfinished activities are cancelled and
    /// handed back, local ones with their turns, and the method returns. Five seconds is the most that it waits for turns
    /// whose code doesn't give its thread back, and for a store that is away; another worker does again what is left.
    ///
    /// While the store is away it waits and tries again; it does not throw for that.
    /// - Throws: ``BackendError`` if the store can't be used, at the start only: `misconfigured`, `unsafeStore`, `corrupt`, or
    ///   `cancelled` if the backend was shut down.
    public func run() async throws {
        let loop = WorkerLoop(
            backend: backend, registry: registry, queue: queue, options: options, codec: codec, logger: logger,
            runtime: runtime)
        // Unstructured: cancelling the service must drain, not tear the calls to the store.
        let working = Task { try await loop.run() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await working.value
        } onCancelOrGracefulShutdown: {
            Task { await loop.drain() }
        }
    }
}

import DequeModule
package import Logging
import Synchronization

/// Executes one run's workflow code: arrivals in, commands out. It does no I/O and has no clock.
///
/// Its driver (a worker's thread, the debugger, a test) calls it from one thread at a time; workflow code calls it through
/// its ``WorkflowContext``, inside steps.
///
/// `@unchecked Sendable`: its state is confined to the thread of the step in progress, which ``check(_:)`` tests on every
/// call from workflow code. What a call from elsewhere may see is in ``shared``, behind a mutex.
package final class ReplayEngine: @unchecked Sendable {
    package let run: RunID
    let codec: PayloadCodec
    let executor = StepExecutor()
    let makeInstance: @Sendable ([UInt8], PayloadCodec) throws(PayloadError) -> any WorkflowInstance
    private let baseLogger: Logger

    var phase = Phase.waitingForStart
    var log = CommandLog()
    /// Operations that are open, by number. Only for look-ups: what is done to all of them is done in number order.
    var operations: [Int: Operation] = [:]
    /// In the order in which they began.
    var waits: [Wait] = []
    /// In the order in which they began.
    var receivers: [Receiver] = []
    var inbox = SignalInbox()
    /// Set by `context.setVariable`, in the order of their first setting.
    var variables: [(name: String, value: Any)] = []
    /// How many continuations the engine holds.
    var suspensions = 0
    /// How often stopped code came back for more.
    var callsAfterStop = 0
    package private(set) var failure: TurnFailure?
    var instance: (any WorkflowInstance)?
    var nextWait = 0
    /// The tasks of `run` and of handlers that have not ended, in the order in which they began.
    var roots: [(id: Int, task: Task<Void, Never>)] = []
    private var nextRoot = 0
    /// The versions that the run has taken, by the ids of the changes.
    var versions: [ExactName: Int] = [:]
    /// The state of the run's random numbers.
    var randomState: UInt64
    /// While the closure of a side effect runs.
    var isInSideEffect = false
    /// Local activities that were asked for and not taken by the driver.
    var localWork: [LocalWork] = []
    /// How local activities ended that no turn has recorded yet.
    var localResults: [LocalResult] = []
    /// Results of the turn being replayed.
    var heldResults: Deque<LocalResult> = []
    var startRecord: StartRecord?
    /// Arrivals that were read and not stepped.
    var held: Deque<HistoryEntry> = []
    /// Signals that arrived before a delayed start was due.
    var early: [SignalInbox.Item] = []
    /// The number of the last arrival that was stepped.
    var steppedThrough = 0
    /// The request to end that came when the code had ended: a run that continues as new hands it on.
    var lateCancellation: Int?
    /// How what was decided since the last commit is to be carried out.
    var pending: [PendingEffect] = []

    let shared: Mutex<Shared>

    enum Phase { case waitingForStart, running, finished, stopped }

    /// What calls from outside the workflow's tasks may read, and where they leave a mark.
    struct Shared {
        var now = Timestamp(milliseconds: 0)
        var startedAt = Timestamp(milliseconds: 0)
        var info: WorkflowInfo
        var misuse: String?
        /// Why the run was asked to end; `nil` if it wasn't.
        var cancellationReason: String?
        var history = HistorySize(count: 0, bytes: 0)
        var lastCall: (operation: StaticString, location: SourceLocation?)?
    }

    struct Wait {
        var id: Int
        var timer: Operation?
        var predicate: () -> Bool
        var continuation: EngineContinuation<WaitOutcome>
    }

    struct Receiver {
        var id: Int
        var name: String
        var timer: Operation?
        var continuation: EngineContinuation<[UInt8]?>
    }

    package init(
        run: RunID, workflow: WorkflowRegistration, version: String, queue: String, codec: PayloadCodec, logger: Logger
    ) {
        self.run = run
        self.codec = codec
        randomState = Fingerprint.hash(Array(run.description.utf8))
        makeInstance = workflow.makeInstance
        var logger = logger
        logger[metadataKey: "run"] = "\(run)"
        logger[metadataKey: "workflow"] = "\(workflow.name)"
        baseLogger = logger
        shared = Mutex(
            Shared(
                info: WorkflowInfo(
                    workflowID: run.workflowID, runNumber: run.number, type: workflow.name, version: version,
                    queue: queue,
                    isReplaying: true)))
    }

    // MARK: Steps

    /// Lets workflow code run: what `body` resumes, then each wait whose condition holds, one at a time and from the
    /// first again after each, until nothing can go on.
    func step(_ body: () -> Void) {
        executor.beginStep()
        body()
        executor.drain()
        while phase == .running, let index = waits.firstIndex(where: { $0.predicate() }) {
            let wait = waits.remove(at: index)
            if let timer = wait.timer { cancel(timer, location: nil) }
            resume(wait.continuation, returning: .satisfied)
            executor.drain()
        }
        let sawForeignEnqueue = executor.endStep()
        if let misuse = shared.withLock({ $0.misuse }) {
            stop(.foreignSuspension, misuse)
        } else if sawForeignEnqueue || phase == .running && suspensions == 0 {
            stop(
                .foreignSuspension,
                """
                workflow \(info.type) (run \(run)) suspended outside the engine: on Task.sleep, a network call, an actor \
                with its own executor, an unstructured task? Suspend on its context only, and do such work in an activity
                """)
        }
    }

    /// The first failure stays: what follows it is its consequence.
    func stop(_ kind: TurnFailure.Kind, _ message: String) {
        guard phase != .stopped else { return }
        phase = .stopped
        failure = TurnFailure(kind, message)
    }

    /// Ends every task of the run without letting it count. An eviction is not a cancellation: code that compensates
    /// when it is cancelled must not do so because a cache was full.
    package func evict() {
        phase = .stopped
        executor.beginStep()
        let open = operations.sorted { $0.key < $1.key }.map(\.value)
        operations = [:]
        for operation in open { resolve(operation, .thrown(WorkflowStopped())) }
        let (oldWaits, oldReceivers) = (waits, receivers)
        waits = []
        receivers = []
        for wait in oldWaits { resume(wait.continuation, throwing: WorkflowStopped()) }
        for receiver in oldReceivers { resume(receiver.continuation, throwing: WorkflowStopped()) }
        executor.drain()
        _ = executor.endStep()
        executor.abandon()
        instance = nil
    }

    // MARK: Calls from workflow code

    /// Guards what workflow code calls. Off the run's own tasks it marks the turn as failed, and never traps.
    ///
    /// - Throws: ``WorkflowMisuse`` when called from outside the run's own tasks, ``WorkflowStopped`` after the end and in a
    ///   side effect.
    func check(_ operation: StaticString, at location: SourceLocation? = nil) throws {
        guard executor.isInStep else {
            let message = """
                \(operation) was called from outside the tasks of workflow \(info.type) (run \(run)): from an unstructured \
                or detached task, an actor, or a callback. Call it from run, a handler, or a child task of theirs
                """
            shared.withLock { $0.misuse = $0.misuse ?? message }
            throw WorkflowMisuse(message: message)
        }
        guard phase == .running else {
            callsAfterStop += 1
            throw WorkflowStopped()
        }
        guard !isInSideEffect else {
            stop(
                .misuse,
                """
                workflow \(info.type) (run \(run)) called \(operation)\(location.map { " at \($0.text)" } ?? "") in a \
                sideEffect, which a replay doesn't run: call it before, and use its value there
                """)
            throw WorkflowStopped()
        }
        shared.withLock { $0.lastCall = (operation, location) }
    }

    /// The last call of workflow code to its context, such as `sleep at Orders/Order.swift:41`. Any thread may ask.
    package var lastCall: String? {
        shared.withLock { $0.lastCall }.map { call in
            "\(call.operation)" + (call.location.map { " at \($0.text)" } ?? "")
        }
    }

    /// Guards an operation that suspends: as ``check(_:)``, and a cancelled task begins nothing.
    func enter(_ operation: StaticString, at location: SourceLocation? = nil) async throws {
        do {
            try check(operation, at: location)
            try Task.checkCancellation()
        } catch {
            await parkIfStubborn()
            throw error
        }
    }

    /// How often stopped code may swallow the error and call again before its task is given up. Code that loops on
    /// `try?` would otherwise never give its thread back.
    private static let patience = 1000
    /// Tasks that were given up. Each leaks about two kilobytes.
    static let tasksGivenUp = Atomic<Int>(0)

    func parkIfStubborn() async {
        guard executor.isInStep, phase != .running, callsAfterStop > ReplayEngine.patience else { return }
        ReplayEngine.tasksGivenUp.add(1, ordering: .relaxed)
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }

    var info: WorkflowInfo { shared.withLock { $0.info } }

    /// Silent while recorded history is replayed.
    var logger: Logger {
        var logger = baseLogger
        logger.handler = ReplayLogHandler(base: logger.handler, engine: self)
        return logger
    }

    @discardableResult
    func launch(_ body: @escaping () async -> Void) -> Task<Void, Never> {
        // It runs only inside steps, as the workflow's state that it captures does.
        nonisolated(unsafe) let body = body
        return Task(executorPreference: executor) { await body() }
    }

    /// Launches a task that a cancellation of the run cancels: `run`, and handlers.
    func launchRoot(_ body: @escaping () async -> Void) {
        let id = nextRoot
        nextRoot += 1
        let task = launch { [self] in
            await body()
            roots.removeAll { $0.id == id }
        }
        roots.append((id, task))
    }

    /// Records how `run` ended. The first end counts: `run` or a handler that threw.
    func finish(_ command: Command) {
        guard phase == .running else { return }
        do throws(Divergence) {
            _ = try log.issue(command)
            phase = .finished
        } catch {
            stop(.divergence, error.message(run: run))
        }
    }

    // MARK: Suspension

    /// Suspends the calling task until the engine resumes it.
    func suspend<Value: Sendable>(
        _ store: (EngineContinuation<Value>) -> Void
    ) async throws -> Value {
        try await withEngineContinuation { continuation in
            suspensions += 1
            store(continuation)
        }
    }

    func resume<Value: Sendable>(_ continuation: EngineContinuation<Value>, returning value: Value) {
        suspensions -= 1
        continuation.resume(returning: value)
    }

    func resume<Value: Sendable>(_ continuation: EngineContinuation<Value>, throwing error: any Error) {
        suspensions -= 1
        continuation.resume(throwing: error)
    }
}

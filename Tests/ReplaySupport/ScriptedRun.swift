package import Logging
package import Reprise

/// One run driven by hand: the test says what arrives, the engine decides, the history grows. No backend, no clock.
package final class ScriptedRun<Target: Workflow> {
    package private(set) var history: [HistoryEntry] = []
    package private(set) var engine: ReplayEngine
    package var time: Int64 = 1_700_000_000_000
    package let codec: PayloadCodec
    package let logger: Logger

    package static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    package static var run: RunID { RunID(workflowID: "scripted", number: 1) }

    package init(
        _ type: Target.Type, _ input: Target.Input, converter: any DataConverter = JSONDataConverter(),
        logger: Logger = ScriptedRun.quiet, seenSignals: [String] = []
    ) throws {
        codec = PayloadCodec(converter: converter, limit: PayloadCodec.defaultLimit)
        self.logger = logger
        engine = ScriptedRun.makeEngine(codec, logger)
        let payload = try codec.encode(input, Target.inputCoder, "input")
        let record = StartRecord(type: Target.name, version: "1", input: payload.bytes, seenSignals: seenSignals)
        arrive(.started, payload: record.encoded())
        turn()
    }

    package static func makeEngine(_ codec: PayloadCodec, _ logger: Logger) -> ReplayEngine {
        ReplayEngine(
            run: run, workflow: WorkflowRegistration(Target.self), version: "1", queue: "default", codec: codec,
            logger: logger)
    }

    deinit { engine.evict() }

    package func arrive(_ kind: HistoryEntry.Kind, _ reference: Int = 0, payload: [UInt8] = []) {
        time += 1
        history.append(
            HistoryEntry(
                number: history.count + 1, kind: kind, time: Timestamp(milliseconds: time), reference: reference,
                payload: payload))
    }

    package func complete(_ operation: Int, _ value: some Encodable) throws {
        arrive(.activityCompleted, operation, payload: try codec.converter.encode(value))
    }

    package func fail(_ operation: Int, _ message: String) {
        arrive(
            .activityFailed, operation,
            payload: FailureRecord(type: "Declined", message: message, attempts: 1).encoded())
    }

    package func fire(_ operation: Int) { arrive(.timerFired, operation) }

    package func cancel(_ reason: String) { arrive(.cancelRequested, payload: Array(reason.utf8)) }

    private var signals = 0

    package func signal<Payload>(_ signal: Signal<Target, Payload>, _ payload: Payload, id: String? = nil) throws {
        signals += 1
        let bytes = try codec.encode(payload, signal.coder, "signal").bytes
        arrive(
            .signalled,
            payload: SignalRecord(id: id ?? "signal-\(signals)", name: signal.name, payload: bytes).encoded())
    }

    /// Steps what has arrived, and commits what was decided.
    @discardableResult
    package func turn() -> [Command] {
        engine.load(history[loaded...])
        loaded = history.count
        engine.advance(committedThrough: committedThrough)
        runLocalActivities()
        guard let draft = engine.draft(buildID: "") else { return [] }
        var bytes: Int?
        if !draft.turn.commands.isEmpty || !draft.turn.localResults.isEmpty {
            time += 1
            let payload = draft.turn.encoded().bytes
            bytes = payload.count
            history.append(
                HistoryEntry(
                    number: history.count + 1, kind: .turn, time: Timestamp(milliseconds: time),
                    reference: draft.through, payload: payload))
        }
        committedThrough = draft.through
        engine.didCommit(bytes: bytes)
        return draft.turn.commands
    }

    /// How local activities end; in the order in which they were asked for.
    package var local: (LocalWork) -> LocalResult.Result = { work in .completed(Array("\(work.operation)".utf8)) }

    private func runLocalActivities() {
        var work = engine.takeLocalWork()
        while !work.isEmpty {
            for item in work { engine.finishLocal(item.operation, local(item)) }
            work = engine.takeLocalWork()
        }
    }

    package private(set) var committedThrough = 0
    /// How many entries the engine has been given.
    private var loaded = 0

    /// Drops the engine and replays the history into a new one: what a restart does.
    package func restart() {
        engine.evict()
        engine = ScriptedRun.makeEngine(codec, logger)
        engine.replay(history, committedThrough: committedThrough)
        loaded = history.count
    }

    /// Replays the history against another workflow type: what a changed build does.
    package func replay<Other: Workflow>(as type: Other.Type) -> TurnFailure? {
        let engine = ScriptedRun<Other>.makeEngine(codec, logger)
        defer { engine.evict() }
        engine.replay(history, committedThrough: committedThrough)
        return engine.failure
    }

    /// An engine of another workflow type that has replayed the history: the caller goes on with it, and evicts it.
    package func resumed<Other: Workflow>(as type: Other.Type) throws -> ReplayEngine {
        let engine = ScriptedRun<Other>.makeEngine(codec, logger)
        engine.replay(history, committedThrough: committedThrough)
        return engine
    }

    package var variables: String { WorkflowVariables(engine.allVariables).json }

    package var commands: [Command] {
        history.filter { !$0.isArrival }.flatMap { try! Turn(decoding: $0.payload).commands }
    }

    package var outcome: RunOutcome? {
        history.last { !$0.isArrival }.flatMap { try? RunOutcome(closing: Turn(decoding: $0.payload)) }
    }

    package func output<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value? {
        guard case .completed(let bytes) = outcome else { return nil }
        return try codec.converter.decode(type, from: bytes)
    }
}

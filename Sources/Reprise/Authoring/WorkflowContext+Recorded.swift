public import Foundation

/// Values that are recorded, or derived from what is, so that they are the same in every replay.
extension WorkflowContext {
    /// Computes a value once, and answers the recorded one in every replay: for what isn't deterministic and needs no
    /// activity, since it can't fail and is done at once.
    ///
    /// ```swift
    /// let host = try context.sideEffect { ProcessInfo.processInfo.hostName }
    /// ```
    ///
    /// `body` may run again if the turn could not be recorded. It may read the context, and call nothing on it: a replay
    /// doesn't run it. What talks to the world belongs in an activity.
    /// - Throws: what the engine throws in place of an operation; let it pass.
    public func sideEffect<Value: Codable & Sendable>(
        fileID: String = #fileID, line: Int = #line, _ body: () -> Value
    ) throws -> Value {
        try engine.sideEffect(PayloadCoder<Value>.codable, at: SourceLocation(fileID: fileID, line: line), body)
    }

    /// Random numbers, the same in every replay.
    public var random: WorkflowRandom { WorkflowRandom(engine: engine) }

    /// A random UUID (version 4), the same in every replay. It follows from the run's id and number: the same run of another
    /// namespace, or of a store that was emptied, gives the same. For one that is unique in the world, record one with
    /// ``sideEffect(fileID:line:_:)``.
    public func uuid() -> UUID {
        let (high, low) = (engine.nextRandom(), engine.nextRandom())
        func byte(_ bits: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: bits >> (56 - 8 * index)) }
        // RFC 9562, section 5.4: version 4 in the high bits of byte 6, variant 2 in those of byte 8.
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
                byte(high, 6) & 0x0F | 0x40, byte(high, 7), byte(low, 0) & 0x3F | 0x80, byte(low, 1), byte(low, 2),
                byte(low, 3), byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            ))
    }

    /// Says which version of a changed piece of code this run takes: a new run the newest, one that went past this place
    /// before the change the oldest, for ever.
    ///
    /// ```swift
    /// if context.version("fraud-check", 1...2) == 2 {
    ///     try await context.execute(Fraud.check, order)
    /// }
    /// ```
    ///
    /// When no run needs the old way any more, remove the call with the code that it chose.
    /// - Parameters:
    ///   - id: names the change; the first answer for an id holds for the whole run.
    ///   - versions: what this build supports; 1 is the code before the change. A run that took another is blocked until a
    ///     build comes that has it.
    public func version(
        _ id: String, _ versions: ClosedRange<Int>, fileID: String = #fileID, line: Int = #line
    ) -> Int {
        engine.version(id, versions, at: SourceLocation(fileID: fileID, line: line))
    }

    /// How long the history is.
    public var history: HistorySize { engine.read("history") { $0.history } }

    /// Whether the history is so long that replaying it takes its time: see ``Workflow/continueAsNew(with:)``.
    public var shouldContinueAsNew: Bool { history.reaches(.advised) }

    /// Why the run was asked to end; `nil` if it wasn't. When it is, `run`'s task and those of its handlers are cancelled.
    public var cancellationReason: String? {
        engine.read("cancellationReason") { $0.cancellationReason }.map(engine.codec.converter.decoded)
    }
}

import Logging

/// The compensations of what has been done so far, see ``WorkflowContext/saga(_:)``.
///
/// It belongs to the tasks of one run, and isn't `Sendable`.
public final class Saga {
    private var compensations: [(name: String, body: () async throws -> Void)] = []

    /// Registers how to undo something. Register it when the step is done, or, if a failed step may have been done in part,
    /// before it.
    ///
    /// - Parameters:
    ///   - name: for the report, if it fails.
    ///   - body: runs at most once, if a later step fails or is cancelled.
    public func compensate(_ name: String, _ body: @escaping () async throws -> Void) {
        compensations.append((name, body))
    }

    /// Runs the compensations, the last registered first, each whether or not others fail.
    fileprivate func rollBack(_ context: WorkflowContext) async throws -> [SagaFailure.Compensation] {
        var failures: [SagaFailure.Compensation] = []
        while let (name, body) = compensations.popLast() {
            do {
                try await body()
            } catch let error as WorkflowStopped {
                throw error
            } catch {
                context.logger.error("a compensation failed", metadata: ["name": "\(name)", "error": "\(error)"])
                failures.append(SagaFailure.Compensation(name: name, error: error))
            }
        }
        return failures
    }
}

extension WorkflowContext {
    /// Runs steps that are undone together: if `body` throws, the compensations that it has registered run in reverse order.
    ///
    /// ```swift
    /// try await context.saga { saga in
    ///     let flight = try await context.execute(Flights.book, trip)
    ///     saga.compensate("cancel the flight") { try await context.execute(Flights.cancel, flight) }
    ///     let hotel = try await context.execute(Hotels.book, trip)
    ///     saga.compensate("cancel the hotel") { try await context.execute(Hotels.cancel, hotel) }
    ///     try await context.execute(Payments.charge, .init(amount: 800))
    /// }
    /// ```
    ///
    /// A cancellation is such an error, and the compensations are shielded from it. One that fails is logged, and the
    /// others still run.
    /// - Throws: what `body` throws; ``SagaFailure`` if a compensation failed as well.
    @discardableResult
    public func saga<Value>(_ body: (Saga) async throws -> Value) async throws -> Value {
        let saga = Saga()
        do {
            return try await body(saga)
        } catch let end where end is ContinueAsNew || end is WorkflowStopped {
            throw end  // neither says that a step failed
        } catch {
            let failures = try await withShield { try await saga.rollBack(self) }
            guard failures.isEmpty else { throw SagaFailure(error: error, compensations: failures) }
            throw error
        }
    }
}

/// Thrown by ``WorkflowContext/saga(_:)`` when a step failed and not all could be undone.
public struct SagaFailure: CausedError, CustomStringConvertible {
    /// What the saga failed with.
    public let error: any Error
    /// The compensations that failed, in the order in which they ran.
    public let compensations: [Compensation]

    /// What the saga failed with.
    public var cause: (any Error)? { error }

    /// A compensation that failed.
    public struct Compensation: Sendable {
        /// The name that it was registered with.
        public let name: String
        /// What it threw.
        public let error: any Error
    }

    /// The message for a log.
    public var description: String {
        let failures = compensations.map { "“\($0.name)” (\(message(of: $0.error)))" }.joined(separator: ", ")
        return "\(message(of: error)); and these compensations failed: \(failures)"
    }
}

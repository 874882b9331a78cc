/// The contract of an activity: its name and types, known to workflows and to the workers that implement it.
///
/// ```swift
/// enum Payments {
///     struct Charge: Codable, Sendable { var amount: Int }
///     struct Receipt: Codable, Sendable { var id: String }
///     static let charge = Activity<Charge, Receipt>("payments.charge", timeout: .seconds(20))
/// }
/// ```
///
/// An activity is where a workflow meets the world: it may do anything, it runs at least once, and its result is recorded
/// once. Make its effect idempotent with ``ActivityContext/idempotencyKey``. Input and output are `Codable` or `Void`.
public struct Activity<Input: Sendable, Output: Sendable>: Sendable {
    /// The name that histories record.
    public let name: String
    /// When an attempt that throws is followed by another. Default: never, the error goes to the workflow.
    public var retry: RetryPolicy
    /// How long it may take. Default: 30 seconds for each attempt.
    public var timeouts: ActivityTimeouts
    let inputCoder: PayloadCoder<Input>
    let outputCoder: PayloadCoder<Output>

    init(
        name: String, retry: RetryPolicy, timeout: Duration, scheduleToStart: Duration?, scheduleToClose: Duration?,
        heartbeat: Duration?, inputCoder: PayloadCoder<Input>, outputCoder: PayloadCoder<Output>
    ) {
        self.name = name
        self.retry = retry
        timeouts = ActivityTimeouts(
            startToClose: timeout, scheduleToStart: scheduleToStart, scheduleToClose: scheduleToClose,
            heartbeat: heartbeat)
        self.inputCoder = inputCoder
        self.outputCoder = outputCoder
    }

    /// Binds an implementation with its dependencies to the contract.
    ///
    /// An error that it throws is its outcome: retried by the retry policy, then thrown to the workflow as
    /// ``ActivityFailure``. Throw ``RetryActivity`` to be run again in any case.
    public func implement(
        _ body: @escaping @Sendable (Input, ActivityContext) async throws -> Output
    ) -> ActivityRegistration {
        ActivityRegistration(name: name, inputType: Input.self, outputType: Output.self) { bytes, codec, context in
            let input = try codec.decode(bytes, inputCoder, "the input of activity \(name)")
            let output = try await body(input, context)
            return try codec.encode(output, outputCoder, "the output of activity \(name)").bytes
        }
    }

    /// Binds an implementation that needs no context.
    public func implement(_ body: @escaping @Sendable (Input) async throws -> Output) -> ActivityRegistration {
        implement { input, _ in try await body(input) }
    }
}

extension Activity where Input: Codable, Output: Codable {
    /// An activity that takes and returns something.
    ///
    /// - Parameters:
    ///   - name: what histories record.
    ///   - retry: when an attempt that throws is followed by another. Default: never.
    ///   - timeout: start-to-close, see ``ActivityTimeouts``; so are the others.
    public init(
        _ name: String, retry: RetryPolicy = .none, timeout: Duration = .seconds(30),
        scheduleToStart: Duration? = nil, scheduleToClose: Duration? = nil, heartbeat: Duration? = nil
    ) {
        self.init(
            name: name, retry: retry, timeout: timeout, scheduleToStart: scheduleToStart,
            scheduleToClose: scheduleToClose, heartbeat: heartbeat, inputCoder: .codable, outputCoder: .codable)
    }
}

extension Activity where Input: Codable, Output == Void {
    /// An activity that returns nothing.
    ///
    /// - Parameters:
    ///   - name: what histories record.
    ///   - retry: when an attempt that throws is followed by another. Default: never.
    ///   - timeout: start-to-close, see ``ActivityTimeouts``; so are the others.
    public init(
        _ name: String, retry: RetryPolicy = .none, timeout: Duration = .seconds(30),
        scheduleToStart: Duration? = nil, scheduleToClose: Duration? = nil, heartbeat: Duration? = nil
    ) {
        self.init(
            name: name, retry: retry, timeout: timeout, scheduleToStart: scheduleToStart,
            scheduleToClose: scheduleToClose, heartbeat: heartbeat, inputCoder: .codable, outputCoder: .void)
    }
}

extension Activity where Input == Void, Output: Codable {
    /// An activity that takes nothing.
    ///
    /// - Parameters:
    ///   - name: what histories record.
    ///   - retry: when an attempt that throws is followed by another. Default: never.
    ///   - timeout: start-to-close, see ``ActivityTimeouts``; so are the others.
    public init(
        _ name: String, retry: RetryPolicy = .none, timeout: Duration = .seconds(30),
        scheduleToStart: Duration? = nil, scheduleToClose: Duration? = nil, heartbeat: Duration? = nil
    ) {
        self.init(
            name: name, retry: retry, timeout: timeout, scheduleToStart: scheduleToStart,
            scheduleToClose: scheduleToClose, heartbeat: heartbeat, inputCoder: .void, outputCoder: .codable)
    }
}

extension Activity where Input == Void, Output == Void {
    /// An activity that takes and returns nothing.
    ///
    /// - Parameters:
    ///   - name: what histories record.
    ///   - retry: when an attempt that throws is followed by another. Default: never.
    ///   - timeout: start-to-close, see ``ActivityTimeouts``; so are the others.
    public init(
        _ name: String, retry: RetryPolicy = .none, timeout: Duration = .seconds(30),
        scheduleToStart: Duration? = nil, scheduleToClose: Duration? = nil, heartbeat: Duration? = nil
    ) {
        self.init(
            name: name, retry: retry, timeout: timeout, scheduleToStart: scheduleToStart,
            scheduleToClose: scheduleToClose, heartbeat: heartbeat, inputCoder: .void, outputCoder: .void)
    }
}

extension Activity where Input == Void {
    /// Binds an implementation that takes only the context.
    public func implement(
        _ body: @escaping @Sendable (ActivityContext) async throws -> Output
    ) -> ActivityRegistration {
        implement { (_: Void, context: ActivityContext) in try await body(context) }
    }

    /// Binds an implementation that takes nothing.
    public func implement(_ body: @escaping @Sendable () async throws -> Output) -> ActivityRegistration {
        implement { (_: Void, _: ActivityContext) in try await body() }
    }
}

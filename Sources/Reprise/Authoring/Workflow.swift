/// A durable workflow: ordinary `async` Swift whose steps are recorded, so that another worker can carry on where this
/// one stopped.
///
/// ```swift
/// final class Greeting: Workflow {
///     struct Input: Codable, Sendable { var name: String }
///
///     @Variable var greeted = false
///     private let input: Input
///     init(input: Input) { self.input = input }
///
///     func run(_ context: WorkflowContext) async throws -> String {
///         let text = try await context.execute(Greetings.compose, input.name)
///         try await context.sleep(for: .seconds(86_400))
///         greeted = true
///         return text
///     }
/// }
/// ```
///
/// `run` may be executed again from its beginning at any time, against the recorded history. So it must do the same
/// things in the same order again: it reads time from the context, and reaches the world outside through activities. It
/// suspends only on operations of its context; `async let` and task groups over those are the way to do several things at
/// once. Actors, `Task.sleep`, `Date()`, and iterating a `Set` or a `Dictionary` do not belong in it.
///
/// Make it a `final class` (the compiler insists on `final`) that is not `Sendable`: the compiler then proves that child tasks don't race on its state.
///
/// An error thrown out of `run` fails the run, for good. A trap ends the worker's whole process; throw instead.
public protocol Workflow: AnyObject, SendableMetatype {
    /// What a run is started with: `Codable`, or `Void`.
    associatedtype Input: Sendable = Void
    /// What a run returns: `Codable`, or `Void`.
    associatedtype Output: Sendable = Void

    /// The name that histories record. It outlives the type's name: default is the type's name, so set it before you
    /// rename the type.
    static var name: String { get }

    /// The signals (with a handler) that a run takes.
    @HandlerBuilder<Self> static var handlers: [Handler<Self>] { get }

    /// Makes the workflow before `run`. For `Void` input, `init()` suffices.
    init(input: Input)
    /// Makes the workflow before `run`, if it takes no input.
    init()

    /// The workflow's code.
    func run(_ context: WorkflowContext) async throws -> Output

    /// Given by the library.
    static var inputCoder: PayloadCoder<Input> { get }
    /// Given by the library.
    static var outputCoder: PayloadCoder<Output> { get }
}

extension Workflow {
    /// The type's name.
    public static var name: String { String(describing: Self.self) }
    /// No handlers.
    public static var handlers: [Handler<Self>] { [] }
}

extension Workflow where Input: Codable {
    /// The input is `Codable`.
    public static var inputCoder: PayloadCoder<Input> { .codable }

    /// Never called: a workflow that takes an input is made with it. It is here so that one that takes none needs nothing
    /// but its own `init()`.
    public init() { preconditionFailure("\(Self.self) takes an input: use init(input:)") }
}

extension Workflow where Input == Void {
    /// The input is `Void`.
    public static var inputCoder: PayloadCoder<Input> { .void }
    /// Calls `init()`.
    public init(input: Void) { self.init() }
}

extension Workflow where Output: Codable {
    /// The output is `Codable`.
    public static var outputCoder: PayloadCoder<Output> { .codable }
}

extension Workflow where Output == Void {
    /// The output is `Void`.
    public static var outputCoder: PayloadCoder<Output> { .void }
}

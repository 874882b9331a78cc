/// How a local activity ended: what a turn records of it beside its commands.
public struct LocalResult: Hashable, Sendable {
    /// The operation that it resolves.
    public var operation: Int
    /// The last arrival that had been stepped when it was applied, as a step of its own.
    public var after: Int
    /// How it ended.
    public var result: Result

    /// Makes a value.
    public init(operation: Int, after: Int, result: Result) {
        self.operation = operation
        self.after = after
        self.result = result
    }

    /// How a local activity ended.
    public enum Result: Hashable, Sendable {
        /// It returned this encoded output.
        case completed([UInt8])
        /// It threw, and its retries are spent.
        case failed(FailureRecord)
    }
}

// Checked in debug builds, where a continuation that is dropped or resumed twice should be reported; unsafe in release
// builds, where it is a third of the price of a step.
#if DEBUG
    typealias EngineContinuation<Value: Sendable> = CheckedContinuation<Value, any Error>

    func withEngineContinuation<Value: Sendable>(
        _ body: (EngineContinuation<Value>) -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation(body)
    }
#else
    typealias EngineContinuation<Value: Sendable> = UnsafeContinuation<Value, any Error>

    func withEngineContinuation<Value: Sendable>(
        _ body: (EngineContinuation<Value>) -> Void
    ) async throws -> Value {
        try await withUnsafeThrowingContinuation(body)
    }
#endif

import Reprise

/// Fails a case if a condition doesn't hold.
func expect(
    _ condition: Bool, _ message: @autoclosure () -> String, fileID: String = #fileID, line: Int = #line
) throws {
    if !condition { throw ConformanceFailure(message(), fileID: fileID, line: line) }
}

/// Fails a case if two values differ.
func expect<Value: Equatable>(
    _ value: Value, is expected: Value, _ what: @autoclosure () -> String = "the answer", fileID: String = #fileID,
    line: Int = #line
) throws {
    if value != expected {
        throw ConformanceFailure("\(what()) is \(value), not \(expected)", fileID: fileID, line: line)
    }
}

/// Fails a case if there is no value.
func require<Value>(
    _ value: Value?, _ what: @autoclosure () -> String, fileID: String = #fileID, line: Int = #line
) throws -> Value {
    guard let value else { throw ConformanceFailure("there is no \(what())", fileID: fileID, line: line) }
    return value
}

/// Fails a case if a call doesn't throw this error.
@discardableResult
func expect<Answer>(
    _ code: BackendError.Code, fileID: String = #fileID, line: Int = #line, from call: () async throws -> Answer
) async throws -> BackendError {
    let answer: Answer
    do {
        answer = try await call()
    } catch let error as BackendError {
        if error.code == code { return error }
        throw ConformanceFailure(
            "the call throws \(error), not \(BackendError(code, "..."))", fileID: fileID, line: line)
    }
    throw ConformanceFailure(
        "the call answers \(answer) instead of throwing \(BackendError(code, "..."))", fileID: fileID, line: line)
}

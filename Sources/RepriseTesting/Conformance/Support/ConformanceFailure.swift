/// A backend did something else than the contract says.
public struct ConformanceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected and what happened.
    public let message: String
    /// The check that failed, as `Module/File.swift`.
    public let fileID: String
    /// The line of the check.
    public let line: Int

    /// Makes a failure.
    public init(_ message: String, fileID: String = #fileID, line: Int = #line) {
        self.message = message
        self.fileID = fileID
        self.line = line
    }

    /// The message for a failed test.
    public var description: String { "\(fileID):\(line): \(message)" }
}

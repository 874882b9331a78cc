/// Where workflow code issued a command.
struct SourceLocation: Sendable {
    var fileID: String
    var line: Int

    var text: String { "\(fileID):\(line)" }
}

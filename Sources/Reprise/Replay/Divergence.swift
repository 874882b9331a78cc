import Foundation

/// Replay found that the code issues another command than the one that the history has at that place.
struct Divergence: Error {
    var position: Int
    /// What the history has; `nil` if it has no command there.
    var expected: Command?
    /// What the code issued; `nil` if it issued none.
    var actual: Command?

    func message(run: RunID) -> String {
        let history = expected.map { "the history has \($0.inSourceTerms)" } ?? "the history has no command there"
        let code = actual.map { "the code issues \($0.inSourceTerms)" } ?? "the code issues no command"
        return """
            replay of run \(run) diverged at command \(position): \(history), \(code)\(difference). Nothing was executed \
            again and the history is unchanged. Runs that began before a change of the workflow need the recorded \
            commands in the recorded order
            """
    }

    private var difference: String {
        guard let expected, let actual, expected.kind == actual.kind, expected.name == actual.name,
            expected.argument == actual.argument
        else { return "" }
        let limit = 120
        func excerpt(_ command: Command) -> String { String(decoding: command.payload.prefix(limit), as: UTF8.self) }
        return " with another input: recorded \(excerpt(expected)), now \(excerpt(actual))"
    }
}

extension Command {
    /// Such as `activity payments.charge at Subscription/Subscription.swift:41`.
    var inSourceTerms: String {
        let what =
            switch kind {
            case .scheduleActivity: "activity \(name)"
            case .startTimer:
                "a timer until "
                    + (argument.map { Timestamp(milliseconds: $0).date.formatted(Command.timeStyle) } ?? "?")
            case .cancelOperation: "the cancellation of operation \(argument ?? -1)"
            case .complete: "the workflow's return"
            case .fail: "the workflow's failure"
            default: kind.rawValue
            }
        return location.isEmpty ? what : "\(what) at \(location)"
    }

    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

import Foundation

/// Replay found that the code issues another command than the one that the history has at that place.
struct Divergence: Error {
    var position: Int
    /// What the history has; `nil` if it has no command there.
    var expected: Command?
    /// What the code issued; `nil` if it issued none.
    var actual: Command?
    /// A version that the run took before, and that the code didn't ask for.
    var unasked: Command?

    func message(run: RunID) -> String {
        let history = expected.map { "the history has \($0.inSourceTerms)" } ?? "the history has no command there"
        let code = actual.map { "the code issues \($0.inSourceTerms)" } ?? "the code issues no command"
        return """
            replay of run \(run) diverged at command \(position): \(history), \(code)\(difference). Nothing was executed \
            again and the history is unchanged. Runs that began before a change of the workflow need the recorded \
            commands in the recorded order: \(advice)
            """
    }

    /// The code line to add.
    private var advice: String {
        if let unasked {
            let version = "version \(unasked.argument ?? -1) of “\(unasked.name)” at \(unasked.location)"
            return
                "this one took \(version), which this build doesn't ask for. Run it with a build that does: a newer one?"
        }
        let condition = "if context.version(\"change-\(position)\", 1...2) == 2 {"
        let place = (actual ?? expected).map { $0.location.isEmpty ? "" : " at \($0.location)" } ?? ""
        return switch (expected, actual) {
        case (_?, nil):
            "put what was removed\(place) back behind `\(condition) } else {`, with the new code in the braces"
        case (nil, _?): "put what was added\(place) behind `\(condition)`"
        default: "put the new code\(place) behind `\(condition)`, and the old code behind its `else`"
        }
    }

    private var difference: String {
        guard let expected, let actual, expected.kind == actual.kind, expected.name.isExactly(actual.name),
            expected.argument == actual.argument
        else { return "" }
        func excerpt(_ command: Command) -> String { String(excerptOf: command.payload, limit: 120) }
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
            case .startChild: "child workflow \(name)"
            case .signalChild: "signal \(name) to child \(argument ?? -1)"
            case .localActivity: "local activity \(name)"
            case .sideEffect: "a side effect"
            case .version: "version \(argument ?? -1) of “\(name)”"
            case .cancelled: "the workflow's end by cancellation"
            case .continueAsNew: "the workflow's continuation as new"
            case .complete: "the workflow's return"
            case .fail: "the workflow's failure"
            default: kind.rawValue
            }
        return location.isEmpty ? what : "\(what) at \(location)"
    }

    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

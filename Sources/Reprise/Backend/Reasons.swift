/// The sentences that backends write by themselves. All backends write the same.
package enum Reasons {
    package static func died(holding deaths: Int) -> String {
        "\(deaths) workers in a row died while they held it"
    }

    package static func closed(parent: RunID) -> String { "its parent \(parent) closed" }

    package static func cancelled(by parent: RunID) -> String { "its parent \(parent) cancelled it" }

    package static func died(running activity: String, operation: Int, deaths: Int) -> String {
        "\(deaths) workers in a row died while they ran activity “\(activity)” (operation \(operation))"
    }
}

extension FailureRecord {
    /// What a backend keeps of an attempt that asked to run again.
    package static func retryRequested(_ reason: String) -> FailureRecord {
        FailureRecord(type: "RetryActivity", message: reason)
    }

    /// The failure that backends write when an activity outran one of its timeouts.
    ///
    /// - Parameters:
    ///   - attempts: how many attempts threw or timed out, this one included; `nil` if another may follow.
    ///   - cause: what the last attempt failed with, if this timeout came after that.
    package static func timedOut(
        _ timeout: ActivityTimeout, after duration: Duration, attempts: Int? = nil, cause: FailureRecord? = nil
    ) -> FailureRecord {
        let milliseconds = max(duration, .zero).milliseconds
        let message =
            switch timeout {
            case .scheduleToStart: "no worker took it within \(milliseconds) ms"
            case .scheduleToClose: "it was not done within \(milliseconds) ms"
            case .heartbeat: "no heartbeat came for \(milliseconds) ms"
            default: "the attempt took longer than \(milliseconds) ms"
            }
        return FailureRecord(type: timeout.rawValue, message: message, attempts: attempts, cause: cause)
    }
}

extension FailureRecord {
    /// The failure of a child whose workflow id has an open run.
    package static func alreadyRunning(_ run: RunID) -> FailureRecord {
        FailureRecord(
            type: alreadyRunning, message: "workflow “\(run.workflowID)” has an open run, number \(run.number)")
    }
}

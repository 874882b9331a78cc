/// The sentences that backends write by themselves. All backends write the same.
package enum Reasons {
    package static func died(holding deaths: Int) -> String {
        "\(deaths) workers in a row died while they held it"
    }

    package static func died(running activity: String, operation: Int, deaths: Int) -> String {
        "\(deaths) workers in a row died while they ran activity “\(activity)” (operation \(operation))"
    }
}

extension FailureRecord {
    /// The failure that backends write when the last attempt of an activity outran its start-to-close timeout.
    package static func timedOut(after timeout: Duration, attempts: Int) -> FailureRecord {
        FailureRecord(
            type: startToCloseTimeout, message: "the attempt took longer than \(timeout.milliseconds) ms",
            attempts: attempts)
    }
}

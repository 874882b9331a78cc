import Foundation

/// How a worker works. Every option has a default that suits most.
public struct WorkerOptions: Sendable {
    /// For people: shown in logs and by the backend. Default: the host's name and the process id.
    public var name: String
    /// How many runs it claims to advance at once; those that it advances with results of its own activities come on top.
    /// Default: 16. 0 makes a worker of activities only.
    public var maxConcurrentTurns: Int
    /// How many activities it runs at once. Default: 100. 0 makes a worker of workflows only.
    public var maxConcurrentActivities: Int
    /// How many suspended runs it keeps in memory, so that their next turn needs no replay; about eight kilobytes each and
    /// the workflow's own state. Default: 5,000.
    public var maxCachedRuns: Int
    /// How long it takes at most until others have taken over what it held, if it dies. They notice when it was silent for two
    /// thirds of this; it renews its claims three times as often. Default: 30 seconds.
    public var lease: Duration
    /// When a turn that failed is tried again; after `attempts` the run is blocked. Default: 5 attempts, from one second on.
    public var turnRetry: RetryPolicy
    /// Names the build. A run that another build blocked is tried again by this one. Default: empty, unknown.
    public var buildID: String
    /// The largest payload, in bytes. Default: 2 MiB.
    public var payloadLimit: Int
    /// A run whose history has got so long is blocked, with the reason, until it is terminated or a worker with a higher
    /// limit takes it. Default: 50,000 entries or 50 MiB; workflows are advised to continue as new long before, see
    /// ``WorkflowContext/shouldContinueAsNew``.
    public var historyLimit: HistorySize
    /// Whether it works on a store whose settings would lose runs, such as a Redis that persists nothing or evicts keys. It
    /// says so in the log and works; else ``Worker/run()`` throws. Default: no.
    public var allowsUnsafeStore: Bool

    /// Makes options.
    public init(
        name: String = WorkerOptions.defaultName, maxConcurrentTurns: Int = 16, maxConcurrentActivities: Int = 100,
        maxCachedRuns: Int = 5000, lease: Duration = .seconds(30),
        turnRetry: RetryPolicy = .exponential(attempts: 5), buildID: String = "",
        payloadLimit: Int = 2 * 1024 * 1024,
        historyLimit: HistorySize = HistorySize(count: 50_000, bytes: 50 << 20), allowsUnsafeStore: Bool = false
    ) {
        self.name = name
        self.maxConcurrentTurns = maxConcurrentTurns
        self.maxConcurrentActivities = maxConcurrentActivities
        self.maxCachedRuns = maxCachedRuns
        self.lease = lease
        self.turnRetry = turnRetry
        self.buildID = buildID
        self.payloadLimit = payloadLimit
        self.historyLimit = historyLimit
        self.allowsUnsafeStore = allowsUnsafeStore
    }

    func check() throws(InvalidArgument) {
        for (field, value) in [
            ("maxConcurrentTurns", maxConcurrentTurns), ("maxConcurrentActivities", maxConcurrentActivities),
            ("maxCachedRuns", maxCachedRuns),
        ] where value < 0 {
            throw InvalidArgument(field: field, value: "\(value)", problem: "it must not be negative")
        }
        try InvalidArgument.check(name: name, field: "name")
        try InvalidArgument.check(name: buildID, field: "buildID", mayBeEmpty: true)
        guard payloadLimit > 0 else {
            throw InvalidArgument(
                field: "payloadLimit", value: "\(payloadLimit)", problem: "no input would fit; give at least 1")
        }
        guard historyLimit.count > 0, historyLimit.bytes > 0 else {
            throw InvalidArgument(
                field: "historyLimit", value: "\(historyLimit.count) entries, \(historyLimit.bytes) bytes",
                problem: "every run would be blocked; give at least 1 of both")
        }
        guard lease >= .milliseconds(10) else {
            throw InvalidArgument(field: "lease", value: "\(lease)", problem: "it must be at least 10 milliseconds")
        }
        try turnRetry.check(field: "turnRetry")
    }

    /// The host's name and the process id.
    public static var defaultName: String {
        "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
    }
}

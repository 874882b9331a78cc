/// How long an activity may take. The backend enforces each, also when the activity's code doesn't stop.
///
/// An attempt whose worker dies has not timed out: it is handed to another worker when the worker's lease expires, also if
/// start-to-close or heartbeat passes before.
public struct ActivityTimeouts: Codable, Hashable, Sendable {
    /// How long one attempt may take, from hand-out to completion. Retried by the retry policy.
    public var startToClose: Duration
    /// How long a queued activity may wait for a worker; it counts anew for each attempt. Not retried. `nil`: for ever.
    public var scheduleToStart: Duration?
    /// How long all of it may take, retries and waiting included. Not retried. `nil`: for ever.
    public var scheduleToClose: Duration?
    /// How long an attempt may go without ``ActivityContext/heartbeat(_:)``. Retried by the retry policy. `nil`: it needs none.
    public var heartbeat: Duration?

    /// Makes timeouts. Default: 30 seconds for an attempt, and no others.
    public init(
        startToClose: Duration = .seconds(30), scheduleToStart: Duration? = nil, scheduleToClose: Duration? = nil,
        heartbeat: Duration? = nil
    ) {
        self.startToClose = startToClose
        self.scheduleToStart = scheduleToStart
        self.scheduleToClose = scheduleToClose
        self.heartbeat = heartbeat
    }

    func check() throws(InvalidArgument) {
        let all = [
            ("timeout", startToClose), ("scheduleToStart", scheduleToStart), ("scheduleToClose", scheduleToClose),
            ("heartbeat", heartbeat),
        ]
        for case (let field, let value?) in all where value <= .zero {
            throw InvalidArgument(field: field, value: "\(value)", problem: "it must be longer than nothing")
        }
    }
}

/// Which of an activity's timeouts passed. There may be more in later versions.
public struct ActivityTimeout: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The type that a ``FailureRecord`` has.
    public let rawValue: String
    /// Any word.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The word.
    public var description: String { rawValue }

    /// ``ActivityTimeouts/startToClose``
    public static let startToClose = ActivityTimeout(rawValue: "StartToCloseTimeout")
    /// ``ActivityTimeouts/scheduleToStart``
    public static let scheduleToStart = ActivityTimeout(rawValue: "ScheduleToStartTimeout")
    /// ``ActivityTimeouts/scheduleToClose``
    public static let scheduleToClose = ActivityTimeout(rawValue: "ScheduleToCloseTimeout")
    /// ``ActivityTimeouts/heartbeat``
    public static let heartbeat = ActivityTimeout(rawValue: "HeartbeatTimeout")

    static let all: Set<ActivityTimeout> = [.startToClose, .scheduleToStart, .scheduleToClose, .heartbeat]
}

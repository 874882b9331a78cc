/// When an attempt of an activity times out.
struct AttemptDeadline: Hashable {
    /// When start-to-close or schedule-to-close passes, whichever is earlier.
    var end: Timestamp
    /// When the next heartbeat must have come; `nil` if it needs none.
    var heartbeat: Timestamp?

    /// The earlier of the two.
    var due: Timestamp { min(end, heartbeat ?? end) }
}
